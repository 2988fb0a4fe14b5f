using System.Diagnostics.CodeAnalysis;
using IotPlatform.Broadcasts;
using IotPlatform.Diagnostics;

namespace IotPlatform.Delivery;

/// <summary>
/// The lasting broadcasts of a shard. Bounded: what is beyond is not taken, which is counted, and in its receipt as unknown. One that its root has not asked for in a
/// long time is forgotten: then that has ended it, and could not say so.
/// </summary>
internal sealed class OngoingBroadcasts(GatewayInstruments instruments, TimeProvider time)
{
    private const int CountMax = 10_000;

    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, OngoingBroadcast> _broadcasts = [];
    private long _added;

    /// <summary>How many have been added.</summary>
    public long Added => Interlocked.Read(ref _added);

    public bool TryGet(long messageId, [NotNullWhen(true)] out OngoingBroadcast? broadcast)
    {
        lock (_gate)
        {
            return _broadcasts.TryGetValue(messageId, out broadcast);
        }
    }

    /// <summary>A broadcast that has come, or the one that is known by its id.</summary>
    /// <returns>Null when there are too many.</returns>
    public OngoingBroadcast? Add(BroadcastMessage message, out bool isNew)
    {
        lock (_gate)
        {
            isNew = false;
            if (_broadcasts.TryGetValue(message.MessageId, out var known))
            {
                return known;
            }

            if (_broadcasts.Count >= CountMax)
            {
                ForgetAbandonedLocked();
            }

            if (_broadcasts.Count >= CountMax)
            {
                instruments.BroadcastRefused();
                return null;
            }

            isNew = true;
            Interlocked.Increment(ref _added);
            var added = new OngoingBroadcast(message, time);
            _broadcasts.Add(message.MessageId, added);
            instruments.OngoingBroadcasts(1);
            return added;
        }
    }

    public void Forget(long messageId)
    {
        lock (_gate)
        {
            ForgetLocked(messageId);
        }
    }

    /// <summary>Those of a product that devices get which come online, in their order.</summary>
    public OngoingBroadcast[] ForThoseWhoCome(string productKey)
    {
        lock (_gate)
        {
            if (_broadcasts.Count == 0)
            {
                return [];
            }

            return [.. _broadcasts.Values
                .Where(broadcast => broadcast.Message.ProductKey == productKey && broadcast.IsForThoseWhoCome)
                .OrderBy(static broadcast => broadcast.Message.MessageId)];
        }
    }

    private void ForgetAbandonedLocked()
    {
        var now = time.GetUtcNow();
        foreach (var (messageId, broadcast) in _broadcasts)
        {
            if (now - broadcast.FollowedAt > ForgottenAfter)
            {
                // A dictionary may lose entries while it is read.
                ForgetLocked(messageId);
            }
        }
    }

    private void ForgetLocked(long messageId)
    {
        if (_broadcasts.Remove(messageId))
        {
            instruments.OngoingBroadcasts(-1);
        }
    }
}
