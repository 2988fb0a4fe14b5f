using IotPlatform.Delivery;
using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <summary>
/// QoS 1 and 2 messages that wait for their client, bounded by count and bytes. A mutable struct: a part of its session, and empty as a rule.
/// </summary>
internal struct MessageQueue
{
    private Queue<(OutboundMessage Message, QoS QoS, bool Retain)>? _messages;
    private int _bytes;

    public readonly bool IsEmpty => _messages is null;

    /// <returns>False when it is full: the newest message is the one that is dropped, so that what was queued first keeps its order.</returns>
    public bool TryEnqueue(OutboundMessage message, QoS qos, bool retain, SessionLimits limits)
    {
        if ((_messages?.Count ?? 0) >= limits.QueuedMessagesMax || _bytes + message.Bytes > limits.QueuedBytesMax)
        {
            return false;
        }

        (_messages ??= new Queue<(OutboundMessage, QoS, bool)>()).Enqueue((message, qos, retain));
        _bytes += message.Bytes;
        return true;
    }

    /// <summary>Takes the oldest; it must not be empty.</summary>
    public (OutboundMessage Message, QoS QoS, bool Retain) Dequeue()
    {
        var next = _messages!.Dequeue();
        _bytes -= next.Message.Bytes;
        if (_messages.Count == 0)
        {
            _messages = null;
        }

        return next;
    }
}
