namespace IotPlatform.Delivery;

/// <summary>
/// The passes of the last broadcasts, so that one that is sent again, because its answer was lost or is late, is answered and not written again. The oldest are
/// forgotten. Used by one thread at a time.
/// </summary>
internal sealed class RecentBroadcasts
{
    private const int LengthMax = 4096;

    private readonly Dictionary<long, (BroadcastPass Pass, int Place)> _passes = [];
    private readonly Queue<long> _order = new();

    /// <summary>The pass of a broadcast, and its place among those.</summary>
    public bool TryGet(long messageId, out (BroadcastPass Pass, int Place) pass) => _passes.TryGetValue(messageId, out pass);

    public void Add(long messageId, BroadcastPass pass, int place)
    {
        if (_order.Count == LengthMax)
        {
            _passes.Remove(_order.Dequeue());
        }

        _passes[messageId] = (pass, place);
        _order.Enqueue(messageId);
    }
}
