using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Routing;

/// <summary>
/// One publish as its QoS 0 receivers get it: the same bytes for all of one version, encoded when the first of them needs it. Belongs to a thread, and is
/// used again for the next publish.
/// </summary>
internal sealed class AtMostOnceEncodings
{
    /// <summary>A buffer that has grown beyond this is not kept.</summary>
    private const int BytesKeptMax = 256 * 1024;

    // By version and RETAIN flag.
    private readonly byte[][] _buffers = [[], [], [], []];
    private readonly int[] _lengths = new int[4];

    /// <param name="version">The receivers' version.</param>
    /// <param name="retain">The RETAIN flag.</param>
    /// <param name="packet">What was published.</param>
    /// <param name="left">What is left of its expiry; null: it has none.</param>
    public ReadOnlySpan<byte> Get(ProtocolVersion version, bool retain, in PublishPacket packet, TimeSpan? left)
    {
        var kind = (version == ProtocolVersion.Mqtt500 ? 2 : 0) + (retain ? 1 : 0);
        if (_lengths[kind] == 0)
        {
            Encode(kind, version, retain, packet, left);
        }

        return _buffers[kind].AsSpan(0, _lengths[kind]);
    }

    public void Clear()
    {
        for (var kind = 0; kind < _buffers.Length; kind++)
        {
            _lengths[kind] = 0;
            if (_buffers[kind].Length > BytesKeptMax)
            {
                _buffers[kind] = [];
            }
        }
    }

    private void Encode(int kind, ProtocolVersion version, bool retain, in PublishPacket packet, TimeSpan? left)
    {
        Span<byte> properties = version == ProtocolVersion.Mqtt500 ? new byte[packet.Properties.ForwardedSize] : [];
        if (!properties.IsEmpty)
        {
            packet.Properties.CopyForwarded(properties);
        }

        // [MQTT-3.3.2-6]
        Span<byte> expiry = stackalloc byte[MessageExpiry.Bytes];
        var parts = new PropertyParts(properties, default, left is { } time ? MessageExpiry.Write(expiry, time) : default);
        var size = PublishWriter.Size(version, QoS.AtMostOnce, packet.Topic, parts, packet.Payload.Length);
        if (_buffers[kind].Length < size)
        {
            _buffers[kind] = new byte[Math.Max(size, 1024)];
        }

        _lengths[kind] = PublishWriter.Write(
            _buffers[kind], version, new PublishFlags(QoS.AtMostOnce, retain), packet.Topic, packetId: 0, parts, packet.Payload);
    }
}
