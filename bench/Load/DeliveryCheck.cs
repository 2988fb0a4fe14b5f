using System.Buffers.Binary;
using System.Buffers.Text;

namespace IotPlatform.Bench.Load;

/// <summary>What a delivery has to look like, to the byte: the device's own topic with a message id at its end, or one topic for all.</summary>
internal sealed class DeliveryCheck
{
    private const int PrefixStride = 64;

    private readonly byte[] _prefixes;
    private readonly int _prefixBytes;
    private readonly byte[]? _commonTopic;
    private readonly byte[] _pattern;

    private DeliveryCheck(byte[] prefixes, int prefixBytes, byte[]? commonTopic, int payloadBytes, bool hasMessageIds)
    {
        HasMessageIds = hasMessageIds;
        _prefixes = prefixes;
        _prefixBytes = prefixBytes;
        _commonTopic = commonTopic;
        _pattern = new byte[payloadBytes];
        PayloadPattern.Write(_pattern, 0);
    }

    /// <summary>Whether topics tell message ids.</summary>
    public bool HasMessageIds { get; }

    /// <summary>Each device has a topic of its own that ends in the message id.</summary>
    /// <param name="topicOf">A device's topic up to the message id.</param>
    /// <param name="devices">How many devices there are.</param>
    /// <param name="payloadBytes">The length of every payload.</param>
    /// <param name="hasMessageIds">Without, the topic ends before the message id, and nothing else tells it.</param>
    public static DeliveryCheck OwnTopics(Func<int, byte[]> topicOf, int devices, int payloadBytes, bool hasMessageIds = true)
    {
        // All names are of one length, and so are their topics.
        var prefixBytes = topicOf(0).Length;
        var prefixes = new byte[devices * PrefixStride];
        for (var device = 0; device < devices; device++)
        {
            topicOf(device).CopyTo(prefixes, device * PrefixStride);
        }

        return new DeliveryCheck(prefixes, prefixBytes, null, payloadBytes, hasMessageIds);
    }

    /// <summary>All devices are subscribed to one topic, which carries no message id.</summary>
    public static DeliveryCheck CommonTopic(byte[] topic, int payloadBytes) => new([], 0, topic, payloadBytes, hasMessageIds: false);

    /// <summary>Reads sequence number and message id; false when topic or payload is not as it must be.</summary>
    public bool TryRead(int device, in PublishFrame frame, out long sequence, out ulong messageId)
    {
        sequence = 0;
        messageId = 0;
        var payload = frame.Payload;
        if (payload.Length != _pattern.Length || !payload[PayloadPattern.BytesMin..].SequenceEqual(_pattern.AsSpan(PayloadPattern.BytesMin)))
        {
            return false;
        }

        sequence = BinaryPrimitives.ReadInt64LittleEndian(payload);
        return _commonTopic is null ? TryReadMessageId(device, frame.Topic, out messageId) : frame.Topic.SequenceEqual(_commonTopic);
    }

    private bool TryReadMessageId(int device, ReadOnlySpan<byte> topic, out ulong messageId)
    {
        messageId = 0;
        var prefix = _prefixes.AsSpan(device * PrefixStride, _prefixBytes);
        if (!HasMessageIds)
        {
            return topic.SequenceEqual(prefix);
        }

        return topic.StartsWith(prefix)
            && Utf8Parser.TryParse(topic[_prefixBytes..], out messageId, out var idBytes)
            && idBytes == topic.Length - _prefixBytes;
    }
}
