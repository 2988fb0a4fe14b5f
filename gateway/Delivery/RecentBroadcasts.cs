using IotPlatform.Broadcasts;

namespace IotPlatform.Delivery;

/// <summary>
/// The tallies of the last broadcasts, so that one that is sent again, because its answer was lost, is answered and not written again. The oldest are
/// forgotten. Used by one call at a time.
/// </summary>
internal sealed class RecentBroadcasts
{
    private const int LengthMax = 4096;

    private readonly Dictionary<long, BroadcastTally> _tallies = [];
    private readonly Queue<long> _order = new();

    public bool TryGet(long messageId, out BroadcastTally tally) => _tallies.TryGetValue(messageId, out tally);

    public void Add(long messageId, BroadcastTally tally)
    {
        if (_order.Count == LengthMax)
        {
            _tallies.Remove(_order.Dequeue());
        }

        _tallies[messageId] = tally;
        _order.Enqueue(messageId);
    }
}
