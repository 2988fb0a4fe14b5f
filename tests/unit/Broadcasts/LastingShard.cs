using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>A gateway shard with devices, as it answers for broadcasts that last. What the devices do, a test says.</summary>
internal sealed class LastingShard
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _devices;
    private readonly Dictionary<long, Copies> _broadcasts = [];
    private readonly ConcurrentQueue<BroadcastStep> _steps = new();

    public LastingShard(params string[] devices)
    {
        _devices = [.. devices];
        Gateway = new FakeGateway { OnBroadcast = BroadcastAsync, OnFollow = Follow, OnRetry = RetryAsync, OnListUnacknowledged = List };
    }

    public FakeGateway Gateway { get; }

    /// <summary>It does not answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Notes in one answer.</summary>
    public int NotesInAnAnswer { get; init; } = 1_000;

    /// <summary>What it was told and has answered, in its order.</summary>
    public BroadcastStep[] Steps => [.. _steps];

    public long Written => Of(static copies => copies.Tally.Written);

    public long Waiting => Of(static copies => copies.Tally.Waiting);

    /// <summary>How many of its broadcasts it knows.</summary>
    public int Known => Of(static _ => 1);

    /// <summary>A device acknowledges.</summary>
    public void Acknowledge(string device) => Change(copies =>
    {
        if (copies.Awaited.Remove(device))
        {
            copies.Tally = copies.Tally with { Acknowledged = copies.Tally.Acknowledged + 1 };
            if (copies.Retried.Contains(device))
            {
                copies.Notes.Add(new DeviceNote(device, HasAcknowledged: true));
            }
        }
    });

    /// <summary>A device's connection ends, and another one begins.</summary>
    public void Reconnect(string device) => Change(copies =>
    {
        if (copies.Awaited.Remove(device))
        {
            copies.Notes.Add(new DeviceNote(device, HasAcknowledged: false));
        }
    });

    /// <summary>A device's connection ends.</summary>
    public void Disconnect(string device)
    {
        Reconnect(device);
        lock (_gate)
        {
            _devices.Remove(device);
        }
    }

    /// <summary>Its process was restarted, and knows nothing any more.</summary>
    public void LoseAll()
    {
        lock (_gate)
        {
            _broadcasts.Clear();
        }
    }

    private Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch)
    {
        RefuseIfSilent();
        lock (_gate)
        {
            return Task.FromResult(new BroadcastTallies([.. batch.Messages.Select(message => TakeLocked(message).Tally)]));
        }
    }

    private Copies TakeLocked(BroadcastMessage message)
    {
        if (_broadcasts.TryGetValue(message.MessageId, out var known))
        {
            return known;
        }

        var devices = _devices.Count;
        var copies = _broadcasts[message.MessageId] = new Copies
        {
            Tally = message.IsLate ? new BroadcastTally(0, 0, 0, 0, Late: devices)
                : message.MaxRate > 0 ? new BroadcastTally(devices, 0, 0, 0, Waiting: devices)
                : new BroadcastTally(devices, devices, 0, 0),
        };
        copies.Awaited.UnionWith(message.QoS > 0 ? _devices : []);
        return copies;
    }

    private BroadcastProgress Follow(BroadcastStep step)
    {
        RefuseIfSilent();
        _steps.Enqueue(step);
        lock (_gate)
        {
            if (!_broadcasts.TryGetValue(step.MessageId, out var copies))
            {
                return new BroadcastProgress(step.MessageId, IsKnown: false, default, 0, 0, [], HasMoreNotes: false);
            }

            var written = Math.Min(step.Quota, copies.Tally.Waiting);
            copies.Tally = copies.Tally with { Waiting = copies.Tally.Waiting - written, Written = copies.Tally.Written + written };
            copies.Kept = Math.Max(copies.Kept, (int)step.NotesKept);
            if (step.IsOver)
            {
                copies.Notes.AddRange(copies.Awaited.Order(StringComparer.Ordinal).Select(static device => new DeviceNote(device, HasAcknowledged: false)));
                copies.Awaited.Clear();
            }

            if (step.IsForgotten)
            {
                _broadcasts.Remove(step.MessageId);
            }

            ImmutableArray<DeviceNote> notes = [.. copies.Notes.Skip(copies.Kept).Take(NotesInAnAnswer)];
            return new BroadcastProgress(
                step.MessageId, IsKnown: true, copies.Tally, copies.Awaited.Count, copies.Kept, notes, copies.Notes.Count > copies.Kept + notes.Length);
        }
    }

    private Task RetryAsync(RetryRequest request)
    {
        RefuseIfSilent();
        lock (_gate)
        {
            if (!_broadcasts.TryGetValue(request.Message.MessageId, out var copies))
            {
                _broadcasts[request.Message.MessageId] = copies = new Copies();
            }

            var again = request.DeviceNames is { } names ? [.. _devices.Intersect(names).Where(device => !copies.Awaited.Contains(device))] : copies.Awaited.ToArray();
            copies.Tally = copies.Tally with { Retried = copies.Tally.Retried + again.Length };
            copies.Awaited.UnionWith(again);
            copies.Retried.UnionWith(again);
        }

        return Task.CompletedTask;
    }

    private string[] List(string? after)
    {
        lock (_gate)
        {
            return [.. _broadcasts.Values.SelectMany(static copies => copies.Awaited).Where(name => string.CompareOrdinal(name, after) > 0).Order(StringComparer.Ordinal)];
        }
    }

    private void RefuseIfSilent()
    {
        if (IsSilent)
        {
            throw new TimeoutException("The shard does not answer.");
        }
    }

    private void Change(Action<Copies> change)
    {
        lock (_gate)
        {
            foreach (var copies in _broadcasts.Values)
            {
                change(copies);
            }
        }
    }

    private T Of<T>(Func<Copies, T> count)
        where T : System.Numerics.INumber<T>
    {
        lock (_gate)
        {
            return _broadcasts.Values.Aggregate(T.Zero, (sum, copies) => sum + count(copies));
        }
    }

    private sealed class Copies
    {
        public BroadcastTally Tally { get; set; }

        public HashSet<string> Awaited { get; } = [];

        public HashSet<string> Retried { get; } = [];

        public List<DeviceNote> Notes { get; } = [];

        public int Kept { get; set; }
    }
}
