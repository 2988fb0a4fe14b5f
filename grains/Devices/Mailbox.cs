using System.Diagnostics;
using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>
/// The life of one device's messages: what to write next, when to write it again, and how each ends. Pure: it is told the time and what happened,
/// and says what changed. Invariant: messages first go out in the order in which they were accepted.
/// </summary>
internal sealed class Mailbox(MessageRules rules)
{
    private const string Expired = "Its time to live passed.";
    private const string Exhausted = "Every retry passed without an acknowledgement.";

    /// <summary>What most of a million mailboxes hold; never added to.</summary>
    private static readonly List<OpenMessage> NothingOpen = [];
    private static readonly List<MessageChange> NothingChanged = [];

    private List<OpenMessage> _open = NothingOpen;
    private List<MessageChange> _changes = NothingChanged;
    private long _connectionId;
    private bool _mayResendOnConnection;
    private int _window;
    private DateTimeOffset _fullUntil;

    /// <summary>How messages are kept and retried, from now on.</summary>
    public MessageRules Rules
    {
        get => rules;
        set => rules = value;
    }

    /// <summary>Messages that are not final.</summary>
    public int Count => _open.Count;

    /// <summary>Bytes of their payloads.</summary>
    public long Bytes { get; private set; }

    /// <summary>The sequence of the last message; 0 for none.</summary>
    public long LastSequence => _open.Count == 0 ? 0 : _open[^1].Accepted.Sequence;

    /// <summary>Messages whose life changed and is to be stored, in the order of the changes.</summary>
    public IReadOnlyList<MessageChange> Changes => _changes;

    /// <summary>The changes, for its owner to store: from here on there are none.</summary>
    public List<MessageChange> TakeChanges()
    {
        var taken = _changes;
        _changes = NothingChanged;
        return taken;
    }

    private bool IsConnected => _connectionId != 0;

    public OpenMessage? Find(string messageId)
    {
        foreach (var open in _open)
        {
            if (open.Accepted.MessageId == messageId)
            {
                return open;
            }
        }

        return null;
    }

    /// <summary>Whether one more may wait: beside the others, or in the place of the oldest ones that have not been sent.</summary>
    public bool HasRoomFor(DeviceMessage message)
    {
        var (count, bytes) = (Count + 1, Bytes + message.Payload.Length);
        for (var i = 0; i < _open.Count && !MayWait(count, bytes); i++)
        {
            if (IsDroppable(_open[i]))
            {
                count--;
                bytes -= _open[i].Accepted.Payload.Length;
            }
        }

        return MayWait(count, bytes);
    }

    /// <summary>Whether one more may wait beside the others. What takes the place of others cannot go out before they are dropped, which is when it is durable.</summary>
    public bool HasRoomBesideOthersFor(DeviceMessage message) => MayWait(Count + 1, Bytes + message.Payload.Length);

    /// <summary>A new message is durable: the oldest that have not been sent make room for it.</summary>
    public void MakeRoom(DateTimeOffset now)
    {
        for (var i = 0; i < _open.Count && !MayWait(Count, Bytes);)
        {
            if (IsDroppable(_open[i]))
            {
                Finish(_open[i], MessageStatus.Failed, "Dropped: as many messages wait for the device as may, and a newer one came.", now);
            }
            else
            {
                i++;
            }
        }
    }

    /// <summary>A message that is being stored.</summary>
    /// <param name="message">The message.</param>
    /// <param name="goesOutEarly">Whether it may go out before it is durable.</param>
    public OpenMessage Accept(DeviceMessage message, bool goesOutEarly = false)
    {
        Debug.Assert(_open.Count == 0 || _open[^1].Accepted.Sequence < message.Sequence, "Sequences grow.");
        var open = new OpenMessage(message) { GoesOutEarly = goesOutEarly };
        Insert(_open.Count, open);
        return open;
    }

    /// <summary>It is durable, and may go out. Where it went out before, it may have ended.</summary>
    public void Stored(OpenMessage open) => open.WasStored(isDurable: true);

    /// <summary>It could not be stored, or was stored before.</summary>
    public void Discard(OpenMessage open)
    {
        Remove(open);
        open.WasStored(isDurable: false);
    }

    /// <summary>
    /// It went out, and nobody can say whether it is stored; its caller was told that it is not. If it is, it has ended: nobody would take the device's acknowledgement of it.
    /// </summary>
    public void FailUnstored(OpenMessage open, DateTimeOffset now) => Finish(open, MessageStatus.Failed, "It could not be stored in time.", now);

    /// <summary>A message that turns out to be stored already, in its place among the others.</summary>
    public OpenMessage Adopt(DeviceMessage message)
    {
        var open = new OpenMessage(message) { MayHaveBeenSent = true };
        Insert(_open.FindLastIndex(earlier => earlier.Accepted.Sequence < message.Sequence) + 1, open);
        Stored(open);
        return open;
    }

    /// <summary>Messages as they were left by an earlier activation, in their order.</summary>
    public void Restore(IEnumerable<DeviceMessage> messages)
    {
        foreach (var message in messages)
        {
            Adopt(message);
        }
    }

    /// <summary>
    /// The device has a new connection: everything unacknowledged goes out again on it. Where it is not new, but attached again after its grain was lost,
    /// that does not count as a round: the connection's gateway knows what it has written.
    /// </summary>
    public void Connected(long connectionId, DeviceProtocol protocol, int receiveMaximum, bool isReattached)
    {
        _connectionId = connectionId;
        _window = Math.Min(receiveMaximum, rules.InFlightMax);
        _fullUntil = default;

        // [MQTT-4.4.0-1] A 5.0 server resends only on a new connection.
        _mayResendOnConnection = protocol == DeviceProtocol.Mqtt311;
        foreach (var open in _open)
        {
            open.WrittenOn = 0;
            open.DueAt = null;
            open.AwaitsSubscription = false;
            open.BeginsRound = !isReattached && open.Progress.Attempts > 0;
        }
    }

    /// <summary>The device has no connection. What is unacknowledged waits for the next one.</summary>
    public void Disconnected()
    {
        _connectionId = 0;
        foreach (var open in _open)
        {
            open.WrittenOn = 0;
            open.DueAt = null;
        }
    }

    /// <summary>The device subscribed: what waited for that, or is unacknowledged after its series, goes out again.</summary>
    public void Subscribed()
    {
        foreach (var open in _open)
        {
            open.AwaitsSubscription = false;
            open.BeginsRound |= _mayResendOnConnection && open.IsInFlightOn(_connectionId) && open.DueAt is null;
        }
    }

    /// <summary>What is to be written now, in order, as far as the window allows. Ends what has nothing left to try.</summary>
    public void TakeDue(DateTimeOffset now, List<OpenMessage> due)
    {
        due.Clear();
        if (!IsConnected || now < _fullUntil)
        {
            return;
        }

        EndOverdue(now, isConnected: true);
        var inFlight = InFlight();
        var isHeldUp = false;
        foreach (var open in _open)
        {
            if (open.IsInFlightOn(_connectionId))
            {
                if (IsResendDue(open, now))
                {
                    due.Add(open);
                }

                continue;
            }

            // What may not go out yet, or finds the window full, holds up all that follow it.
            isHeldUp |= !open.MayGoOut || (open.Accepted.QoS > 0 && inFlight >= _window);
            if (!isHeldUp && !open.AwaitsSubscription)
            {
                due.Add(open);
                inFlight += open.Accepted.QoS;
            }
        }
    }

    /// <summary>What became of a write.</summary>
    /// <returns>Whether the connection takes more.</returns>
    public bool Wrote(OpenMessage open, DeliveryOutcome outcome, DateTimeOffset now)
    {
        switch (outcome)
        {
            case DeliveryOutcome.Written:
                Written(open, isAcknowledged: open.Accepted.QoS > 0, now);
                return true;
            case DeliveryOutcome.WrittenAtMostOnce:
                Written(open, isAcknowledged: false, now);
                return true;
            case DeliveryOutcome.TooLarge:
                Finish(open, MessageStatus.Failed, "Larger than the device accepts.", now);
                return true;
            case DeliveryOutcome.NotSubscribed:
                open.AwaitsSubscription = true;
                open.WrittenOn = 0;
                open.DueAt = null;
                FailUncached(open, "The device is not subscribed to the topic.", now);
                return true;
            case DeliveryOutcome.Full:
                _fullUntil = now + rules.FullRetryInterval;
                FailUncached(open, "The device's connection is full.", now);
                return false;
            default:
                return false;
        }
    }

    /// <summary>The gateway did not say what became of the writes: they are tried again shortly.</summary>
    public void WriteFailed(DateTimeOffset now) => _fullUntil = now + rules.FullRetryInterval;

    /// <summary>
    /// The device acknowledged a message; perhaps before its gateway has reported the write.
    /// </summary>
    /// <returns>False for one that is not open: it was a late copy, or has ended meanwhile.</returns>
    public bool Acknowledged(string messageId, DateTimeOffset now)
    {
        if (Find(messageId) is not { } open)
        {
            return false;
        }

        _fullUntil = default;
        open.Become(open.Progress with { Attempts = Math.Max(1, open.Progress.Attempts), SentAt = open.Progress.SentAt ?? now });
        Finish(open, MessageStatus.Delivered, null, now);
        return true;
    }

    /// <summary>Ends what has expired.</summary>
    public void Expire(DateTimeOffset now) => EndOverdue(now, isConnected: false);

    /// <summary>Ends a message that is stored and is not open here, if it has expired.</summary>
    public void ExpireForgotten(DeviceMessage stored, DateTimeOffset now)
    {
        var forgotten = new OpenMessage(stored);
        if (IsExpired(forgotten, now))
        {
            Finish(forgotten, MessageStatus.TimedOut, Expired, now);
        }
    }

    /// <summary>Ends a message that may not wait for a device that can not take it now.</summary>
    public void FailUncached(OpenMessage open, string reason, DateTimeOffset now)
    {
        if (open.IsUncached && open.Progress.Attempts == 0)
        {
            Finish(open, MessageStatus.Failed, reason, now);
        }
    }

    /// <summary>Ends a message because its sender wishes so.</summary>
    public void Cancel(OpenMessage open, DateTimeOffset now) => Finish(open, MessageStatus.Failed, "Cancelled.", now);

    /// <summary>Ends all that are durable because somebody wishes so.</summary>
    /// <returns>How many.</returns>
    public int Purge(DateTimeOffset now)
    {
        var stored = _open.FindAll(static open => open.IsStored);
        stored.ForEach(open => Finish(open, MessageStatus.Failed, "Purged.", now));
        return stored.Count;
    }

    /// <summary>Ends everything.</summary>
    public void FailAll(string reason, DateTimeOffset now)
    {
        while (_open.Count > 0)
        {
            Finish(_open[^1], MessageStatus.Failed, reason, now);
        }
    }

    /// <summary>When something is to be done that no event will bring; null: nothing.</summary>
    public DateTimeOffset? NextDueAt(DateTimeOffset now)
    {
        // Without a connection, the sweeper ends what expires.
        if (!IsConnected || _open.Count == 0)
        {
            return null;
        }

        if (now < _fullUntil)
        {
            return _fullUntil;
        }

        DateTimeOffset? next = null;
        foreach (var open in _open)
        {
            // What may not go out yet ends, if it has expired, once it may.
            next = Earlier(next, open.MayGoOut ? ExpiryOf(open) : null);
            next = Earlier(next, open.DueAt);
        }

        return next;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    private int InFlight()
    {
        var count = 0;
        foreach (var open in _open)
        {
            count += open.IsInFlightOn(_connectionId) ? 1 : 0;
        }

        return count;
    }

    private bool IsResendDue(OpenMessage open, DateTimeOffset now)
    {
        if (!_mayResendOnConnection || !(open.BeginsRound || open.DueAt <= now))
        {
            return false;
        }

        // A series that has passed is followed by the next round.
        open.BeginsRound |= open.ResendsLeft == 0;
        return true;
    }

    private void EndOverdue(DateTimeOffset now, bool isConnected)
    {
        for (var i = 0; i < _open.Count; i++)
        {
            var open = _open[i];
            var reason = !open.MayGoOut ? null : IsExpired(open, now) ? Expired : isConnected && IsExhausted(open, now) ? Exhausted : null;
            if (reason is not null)
            {
                Finish(open, MessageStatus.TimedOut, reason, now);
                i--;
            }
        }
    }

    private bool IsExhausted(OpenMessage open, DateTimeOffset now) =>
        open.Progress.Rounds >= rules.RoundsMax && (open.BeginsRound || (open.DueAt <= now && open.ResendsLeft == 0));

    private void Written(OpenMessage open, bool isAcknowledged, DateTimeOffset now)
    {
        // A device's acknowledgement may overtake the report of the write that it acknowledges.
        if (open.Progress.IsFinal)
        {
            return;
        }

        var progress = open.Progress with
        {
            Status = MessageStatus.Sent,
            Attempts = open.Progress.Attempts + 1,
            Rounds = open.Progress.Rounds + (open.BeginsRound ? 1 : 0),
            SentAt = open.Progress.SentAt ?? now,
            ResentAt = open.Progress.Attempts == 0 ? default : open.Progress.ResentAt.IsDefault ? [now] : open.Progress.ResentAt.Add(now),
        };

        if (!isAcknowledged)
        {
            open.Become(progress);
            Finish(open, MessageStatus.Delivered, null, now);
            return;
        }

        StartOrContinueSeries(open, now);
        Change(open, progress);
        open.DueAt = DueAfterWrite(open, now);
    }

    private void StartOrContinueSeries(OpenMessage open, DateTimeOffset now)
    {
        if (open.BeginsRound || open.WrittenOn != _connectionId)
        {
            open.ResendsLeft = _mayResendOnConnection ? rules.ResendsPerSeries : 0;
            open.RoundBeganAt = now;
        }
        else
        {
            open.ResendsLeft--;
        }

        open.BeginsRound = false;
        open.WrittenOn = _connectionId;
    }

    private DateTimeOffset? DueAfterWrite(OpenMessage open, DateTimeOffset now)
    {
        if (!_mayResendOnConnection)
        {
            return null;
        }

        if (open.ResendsLeft > 0)
        {
            return now + rules.ResendInterval;
        }

        // The first series is over: the device's next sign of life begins the rounds.
        if (open.Progress.Rounds == 0)
        {
            return null;
        }

        var seriesEnd = now + rules.ResendInterval;
        var nextRound = open.RoundBeganAt + rules.RoundInterval;
        return open.Progress.Rounds < rules.RoundsMax && nextRound > seriesEnd ? nextRound : seriesEnd;
    }

    private bool IsExpired(OpenMessage open, DateTimeOffset now) => ExpiryOf(open) <= now;

    // What is never cached still gets its first series once it is written.
    private DateTimeOffset ExpiryOf(OpenMessage open) =>
        !open.IsUncached ? open.Accepted.ExpiresAt
        : (open.Progress.SentAt ?? open.Accepted.CreatedAt + rules.FullRetryInterval) + (rules.ResendInterval * (rules.ResendsPerSeries + 1));

    private void Finish(OpenMessage open, MessageStatus status, string? reason, DateTimeOffset now)
    {
        // It may have been ended while a write of it was under way.
        if (open.Progress.IsFinal)
        {
            return;
        }

        Remove(open);
        Change(open, open.Progress with { Status = status, FinishedAt = now, Reason = reason });
    }

    private bool MayWait(int count, long bytes) => count <= rules.OpenMax && bytes <= rules.OpenBytesMax;

    // What may have reached the device is carried through; what is not durable yet has not been promised, and takes its own place.
    private bool IsDroppable(OpenMessage open) =>
        rules.DropsOldest && open.IsStored && open.Progress.Attempts == 0 && open.WrittenOn == 0;

    private void Insert(int place, OpenMessage open)
    {
        Bytes += open.Accepted.Payload.Length;
        if (_open == NothingOpen)
        {
            _open = [];
        }

        _open.Insert(place, open);
    }

    private void Remove(OpenMessage open)
    {
        if (!_open.Remove(open))
        {
            return;
        }

        Bytes -= open.Accepted.Payload.Length;
        if (_open.Count == 0)
        {
            _open = NothingOpen;
        }
    }

    private void Change(OpenMessage open, MessageProgress progress)
    {
        open.Become(progress);
        if (_changes == NothingChanged)
        {
            _changes = [];
        }

        _changes.Add(open.TakeChange());
    }
}
