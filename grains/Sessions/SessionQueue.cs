
namespace IotPlatform.Sessions;

/// <summary>
/// The QoS 1 and 2 messages of one session that its client is not done with, in their order: first those that are sent, then those that wait. Pure: no clock, no
/// store.
/// </summary>
/// <remarks>Full action: see <see cref="SessionBounds"/>. What is being sent, or may have reached the client before, is never dropped.</remarks>
internal sealed class SessionQueue
{
    /// <summary>
    /// How far apart the first and the last of what is sent may be: a packet identifier is a message's sequence modulo one more than this, and must tell one from another.
    /// </summary>
    public const int SpanMax = short.MaxValue - 1;

    private readonly List<QueuedMessage> _messages = [];
    private int _sentCount;
    private long _sentBytes;

    public int Count => _messages.Count;

    public long Bytes { get; private set; }

    /// <summary>Whether the messages themselves are in memory.</summary>
    public bool IsLoaded { get; private set; } = true;

    /// <summary>How often that has ended for one of them: what was read from the store before may lack it.</summary>
    public int Unloads { get; private set; }

    /// <summary>How many are sent and not done.</summary>
    public int SentCount => _sentCount;

    public IReadOnlyList<QueuedMessage> Messages => _messages;

    /// <summary>Adds a message that was in the store before. In their order, before all others.</summary>
    public void AddStored(QueuedMessage message)
    {
        _messages.Add(message);
        Bytes += message.Bytes;
        IsLoaded = false;
    }

    /// <summary>Adds a message at the end, unless there is no room for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="bounds">How much may wait.</param>
    /// <param name="now">The time.</param>
    /// <param name="dropped">What is dropped for it, or because it has expired; null for nothing.</param>
    /// <returns>False when it is the new one that is dropped.</returns>
    public bool TryAdd(QueuedMessage message, SessionBounds bounds, DateTimeOffset now, out List<QueuedMessage>? dropped)
    {
        dropped = null;
        if (!HasRoomFor(message, bounds))
        {
            dropped = TakeExpired(now);
            while (bounds.DropsOldest && !HasRoomFor(message, bounds) && IndexOfFirstNew() is >= 0 and var oldest)
            {
                (dropped ??= []).Add(_messages[oldest]);
                RemoveAt(oldest);
            }

            if (!HasRoomFor(message, bounds))
            {
                return false;
            }
        }

        _messages.Add(message);
        Bytes += message.Bytes;
        return true;
    }

    /// <summary>The session has ended: nobody is to get what is left.</summary>
    public void Clear()
    {
        _messages.Clear();
        (_sentCount, _sentBytes, Bytes) = (0, 0, 0);
    }

    /// <summary>Whether it has a message of a QoS 2 publish already.</summary>
    public bool Has(long publishId)
    {
        foreach (var message in _messages)
        {
            if (message.PublishId == publishId)
            {
                return true;
            }
        }

        return false;
    }

    public QueuedMessage? Find(long sequence) => IndexOf(sequence) is >= 0 and var index ? _messages[index] : null;

    /// <summary>The client is done with a message.</summary>
    /// <returns>Null when there is none of that sequence.</returns>
    public QueuedMessage? Remove(long sequence)
    {
        var index = IndexOf(sequence);
        if (index < 0)
        {
            return null;
        }

        var message = _messages[index];
        RemoveAt(index);
        return message;
    }

    /// <summary>Takes the next message to send; it is sent from here on.</summary>
    /// <param name="receiveMaximum">How many may be sent and not done.</param>
    /// <param name="now">The time.</param>
    /// <param name="expired">What has expired instead.</param>
    /// <returns>Null when nothing may be sent now.</returns>
    public QueuedMessage? TakeNext(int receiveMaximum, DateTimeOffset now, ref List<QueuedMessage>? expired)
    {
        while (IsLoaded && _sentCount < receiveMaximum && _sentCount < _messages.Count)
        {
            var next = _messages[_sentCount];
            if (next.IsExpired(now))
            {
                (expired ??= []).Add(next);
                RemoveAt(_sentCount);
                continue;
            }

            if (next.Sequence - _messages[0].Sequence > SpanMax)
            {
                return null;
            }

            _sentCount++;
            _sentBytes += next.Bytes;
            return next;
        }

        return null;
    }

    /// <summary>The connection is gone, or has not taken what it was sent: all of it is to be sent again.</summary>
    /// <param name="wasTaken">Whether the client may have got it.</param>
    public void Unsend(bool wasTaken)
    {
        for (var i = 0; i < _sentCount; i++)
        {
            _messages[i].WasSent |= wasTaken;
        }

        (_sentCount, _sentBytes) = (0, 0);
    }

    /// <summary>Nobody is there to send to: what is durable need not be in memory.</summary>
    public void Unload()
    {
        foreach (var message in _messages)
        {
            if (message.Stored.IsCompletedSuccessfully)
            {
                Unload(message);
            }
        }
    }

    /// <summary>A message is durable, and nobody is there to send it to.</summary>
    public void Unload(QueuedMessage message)
    {
        message.Copy = null;
        IsLoaded = false;
        Unloads++;
    }

    /// <summary>The messages are in memory again.</summary>
    /// <param name="copies">What the store has, by sequence.</param>
    /// <returns>The messages that the store does not have: they are no more.</returns>
    public List<QueuedMessage> Load(IReadOnlyDictionary<long, StoredCopy> copies)
    {
        var lost = new List<QueuedMessage>();
        foreach (var message in _messages)
        {
            message.Copy ??= copies.GetValueOrDefault(message.Sequence);
            if (message.Copy is null)
            {
                lost.Add(message);
            }
        }

        lost.ForEach(message => Remove(message.Sequence));
        IsLoaded = true;
        return lost;
    }

    private bool HasRoomFor(QueuedMessage message, SessionBounds bounds) =>
        _messages.Count - _sentCount < bounds.MessagesMax && Bytes - _sentBytes + message.Bytes <= bounds.BytesMax;

    // [MQTT-4.4.0-1] What was sent is carried through.
    private int IndexOfFirstNew() => _messages.FindIndex(_sentCount, static message => message is { WasSent: false, IsReleased: false });

    private List<QueuedMessage>? TakeExpired(DateTimeOffset now)
    {
        List<QueuedMessage>? expired = null;
        for (var i = _messages.Count - 1; i >= _sentCount; i--)
        {
            if (_messages[i].IsExpired(now))
            {
                (expired ??= []).Add(_messages[i]);
                RemoveAt(i);
            }
        }

        return expired;
    }

    private void RemoveAt(int index)
    {
        var bytes = _messages[index].Bytes;
        Bytes -= bytes;
        _messages.RemoveAt(index);
        if (index < _sentCount)
        {
            _sentCount--;
            _sentBytes -= bytes;
        }
    }

    // They are in the order of their sequences.
    private int IndexOf(long sequence)
    {
        var (low, high) = (0, _messages.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _messages[middle].Sequence;
            if (found == sequence)
            {
                return middle;
            }

            (low, high) = found < sequence ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
