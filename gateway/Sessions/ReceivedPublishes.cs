using System.Collections.Immutable;
using IotPlatform.Mqtt;
using IotPlatform.Sessions.Kept;

namespace IotPlatform.Sessions;

/// <summary>
/// The QoS 2 messages that a client has sent and not released: a second copy of one is not a second message [MQTT-4.3.3-10]. Where the session is kept, so is this:
/// nothing is acknowledged that a later connection would not know.
/// </summary>
/// <param name="kept">The session as it is kept; null where it ends with its connection.</param>
internal sealed class ReceivedPublishes(KeptSession? kept)
{
    private static readonly Task<ReasonCode> Success = Task.FromResult(ReasonCode.Success);

    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, Entry> _entries = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>What the session had received on earlier connections.</summary>
    public void Restore(ImmutableArray<ReceivedMessage> received)
    {
        lock (_gate)
        {
            foreach (var message in received)
            {
                _entries[(ushort)message.PacketId] = new Entry(message.PublishId, message.IsRouted ? Success : null);
            }
        }
    }

    /// <summary>The client sends a message.</summary>
    /// <param name="packetId">Its packet id.</param>
    /// <param name="isKnown">Completes when later connections would know it as taken; then it may be sent on. Null: at once.</param>
    /// <param name="publishId">What all copies of it are known by; 0 where there are no others.</param>
    /// <param name="earlier">For a copy, what becomes of the first one.</param>
    /// <returns>False when it is a copy of one that was taken before.</returns>
    public bool TryTake(ushort packetId, out Task? isKnown, out long publishId, out ValueTask<ReasonCode> earlier)
    {
        (isKnown, publishId, earlier) = (null, 0, default);
        lock (_gate)
        {
            if (_entries.TryGetValue(packetId, out var entry) && entry.Outcome is not null)
            {
                earlier = new(entry.Outcome);
                return false;
            }

            if (entry is null)
            {
                _entries[packetId] = entry = new Entry(kept is null ? 0 : KeptSession.NewPublishId(), outcome: null);
                isKnown = kept?.TakenAsync(packetId, entry.PublishId);
            }
            else
            {
                // An earlier connection took it, and perhaps did not send it on: it is sent on again, as the same.
                isKnown = Task.CompletedTask;
            }

            publishId = entry.PublishId;
            return true;
        }
    }

    /// <summary>Notes what becomes of a message that has just been taken.</summary>
    /// <param name="packetId">Its packet id.</param>
    /// <param name="outcome">Its reason code.</param>
    /// <returns>The same, complete when later connections would know it.</returns>
    public ValueTask<ReasonCode> Settle(ushort packetId, ValueTask<ReasonCode> outcome)
    {
        lock (_gate)
        {
            var entry = _entries[packetId];
            entry.Outcome = kept is null && outcome is { IsCompletedSuccessfully: true, Result: ReasonCode.Success } ? Success : SettleAsync(packetId, entry, outcome);
            return new(entry.Outcome);
        }
    }

    /// <summary>The client releases a message.</summary>
    /// <returns>Whether there was one; complete once no later connection knows it either.</returns>
    public ValueTask<bool> ReleaseAsync(ushort packetId)
    {
        lock (_gate)
        {
            if (!_entries.Remove(packetId))
            {
                return new(false);
            }
        }

        return kept is null ? new(true) : WaitAsync(kept.ReleasedAsync(packetId));

        static async ValueTask<bool> WaitAsync(Task released)
        {
            await released.ConfigureAwait(false);
            return true;
        }
    }

    private async Task<ReasonCode> SettleAsync(ushort packetId, Entry entry, ValueTask<ReasonCode> outcome)
    {
        ReasonCode reason;
        try
        {
            reason = await outcome.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever failed has said why.
            reason = ReasonCode.UnspecifiedError;
        }

        if (!reason.IsFailure())
        {
            if (kept is not null)
            {
                await kept.RoutedAsync(packetId, entry.PublishId).ConfigureAwait(false);
            }

            return reason;
        }

        // [MQTT-4.3.3-9] What was refused is not a message that was taken.
        lock (_gate)
        {
            if (_entries.GetValueOrDefault(packetId) == entry)
            {
                _entries.Remove(packetId);
            }
        }

        if (kept is not null)
        {
            await kept.ReleasedAsync(packetId).ConfigureAwait(false);
        }

        return reason;
    }

    /// <param name="publishId">What all copies of it are known by.</param>
    /// <param name="outcome">What becomes of it; null: that is not known.</param>
    private sealed class Entry(long publishId, Task<ReasonCode>? outcome)
    {
        public long PublishId => publishId;

        public Task<ReasonCode>? Outcome { get; set; } = outcome;
    }
}
