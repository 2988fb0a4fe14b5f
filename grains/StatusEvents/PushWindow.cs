using System.Diagnostics;

namespace IotPlatform.StatusEvents;

/// <summary>Events that were read and have not all been taken, in their order, and how far they have been without a hole.</summary>
/// <param name="begin">Where reading begins.</param>
internal sealed class PushWindow(StatusEventPosition begin)
{
    private readonly Queue<PushedEvent> _events = new();
    private StatusEventPosition _takenTo = begin;

    /// <summary>Events that have not been taken, or that follow one that has not.</summary>
    public int Count => _events.Count;

    /// <summary>Where to read on.</summary>
    public StatusEventPosition ReadTo { get; private set; } = begin;

    /// <summary>All events up to here have been taken.</summary>
    public StatusEventPosition TakenTo => _events.Count == 0 ? ReadTo : _takenTo;

    /// <summary>Adds what was read.</summary>
    public List<PushedEvent> Add(StatusEventBatch batch)
    {
        Debug.Assert(!batch.Next.IsBefore(ReadTo), "It was read backwards.");
        _takenTo = TakenTo;
        ReadTo = batch.Next;
        var added = new List<PushedEvent>(batch.Events.Length);
        foreach (var status in batch.Events)
        {
            var pushed = new PushedEvent(status);
            _events.Enqueue(pushed);
            added.Add(pushed);
        }

        return added;
    }

    /// <summary>The URL has taken one.</summary>
    public void Taken(PushedEvent pushed)
    {
        pushed.IsTaken = true;
        while (_events.TryPeek(out var first) && first.IsTaken)
        {
            _takenTo = _events.Dequeue().Event.Position;
        }
    }
}
