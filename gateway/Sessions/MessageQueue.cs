using IotPlatform.Delivery;

namespace IotPlatform.Sessions;

/// <summary>
/// QoS 1 and 2 messages that wait for their client, bounded by count and bytes. A mutable struct: a part of its session, and empty as a rule.
/// </summary>
internal struct MessageQueue
{
    private Queue<(OutboundMessage? Message, MessageCopy Copy)>? _messages;
    private int _bytes;

    public readonly bool IsEmpty => _messages is null;

    public readonly int Count => _messages?.Count ?? 0;

    public readonly int Bytes => _bytes;

    /// <summary>All of them, the oldest first.</summary>
    public readonly IEnumerable<(OutboundMessage? Message, MessageCopy Copy)> All => _messages ?? Enumerable.Empty<(OutboundMessage?, MessageCopy)>();

    /// <summary>Adds a message.</summary>
    /// <returns>What was dropped for want of room: the new message or, where the limits say so, older ones.</returns>
    public int Enqueue(OutboundMessage message, in MessageCopy copy, SessionLimits limits)
    {
        var dropped = 0;
        while (!HasRoomFor(message, limits))
        {
            if (limits.QueueFull == QueueFullAction.DropNewest || _messages is null)
            {
                return dropped + 1;
            }

            Dequeue();
            dropped++;
        }

        Add(message, copy);
        return dropped;
    }

    /// <summary>Adds a message of a session that is kept, which has bounds of its own.</summary>
    /// <param name="message">Null when it has only to be released.</param>
    /// <param name="copy">How it is sent.</param>
    public void Add(OutboundMessage? message, in MessageCopy copy)
    {
        (_messages ??= new Queue<(OutboundMessage?, MessageCopy)>()).Enqueue((message, copy));
        _bytes += message?.Bytes ?? 0;
    }

    /// <summary>Takes the oldest; it must not be empty.</summary>
    public (OutboundMessage? Message, MessageCopy Copy) Dequeue()
    {
        var next = _messages!.Dequeue();
        _bytes -= next.Message?.Bytes ?? 0;
        if (_messages.Count == 0)
        {
            _messages = null;
        }

        return next;
    }

    private readonly bool HasRoomFor(OutboundMessage message, SessionLimits limits) =>
        Count < limits.QueuedMessagesMax && _bytes + message.Bytes <= limits.QueuedBytesMax;
}
