using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Packets;

/// <summary>A client asks for subscriptions (section 3.8).</summary>
public sealed class SubscribePacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.Subscribe;

    /// <summary>The packet identifier; never 0.</summary>
    public required ushort PacketId { get; init; }

    /// <summary>The number that messages of these subscriptions shall carry, 1 to 268,435,455, or null.</summary>
    public uint? SubscriptionIdentifier { get; init; }

    /// <summary>The subscriptions in the order in which SUBACK answers them; at least one.</summary>
    public required IReadOnlyList<TopicSubscription> Subscriptions { get; init; }

    private protected override byte Flags => 0b0010;

    /// <summary>Reads the body of a SUBSCRIBE.</summary>
    /// <remarks>
    /// One invalid filter refuses the packet with <see cref="ReasonCode.TopicFilterInvalid"/>; in MQTT 5.0 that includes a malformed shared subscription.
    /// No filter at all, and No Local on a shared subscription, are a <see cref="ReasonCode.ProtocolError"/>.
    /// </remarks>
    public static bool TryRead(
        ReadOnlySpan<byte> body, byte flags, ProtocolVersion version, [NotNullWhen(true)] out SubscribePacket? packet, out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.Subscribe, flags), ReasonCode.MalformedPacket); // [MQTT-3.8.1-1]
        var packetId = reader.ReadPacketId();
        var properties = version == ProtocolVersion.Mqtt500 ? reader.ReadProperties(PropertyScope.Subscribe) : default;
        packet = new SubscribePacket
        {
            PacketId = packetId,
            SubscriptionIdentifier = properties.Number(PropertyId.SubscriptionIdentifier),
            UserProperties = properties.UserProperties(),
            Subscriptions = ReadSubscriptions(ref reader, version),
        };
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = null;
        return false;
    }

    private protected override void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketId);
        WritePropertiesOf(ref writer, version);
        for (var i = 0; i < Subscriptions.Count; i++)
        {
            writer.WriteString(Subscriptions[i].Filter);
            var options = Subscriptions[i].Options;
            writer.WriteByte(version == ProtocolVersion.Mqtt500 ? options.Bits : (byte)options.QoS);
        }
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.SubscriptionIdentifier, SubscriptionIdentifier);
        writer.WriteUserProperties(UserProperties);
    }

    private static List<TopicSubscription> ReadSubscriptions(ref PacketReader reader, ProtocolVersion version)
    {
        // [MQTT-3.8.3-2] ([MQTT-3.8.3-3] in 3.1.1)
        reader.Require(!reader.IsAtEnd, ReasonCode.ProtocolError);
        var subscriptions = new List<TopicSubscription>();
        while (!reader.IsAtEnd)
        {
            subscriptions.Add(ReadSubscription(ref reader, version));
        }

        return subscriptions;
    }

    private static TopicSubscription ReadSubscription(ref PacketReader reader, ProtocolVersion version)
    {
        var filter = reader.ReadTopicFilter(version);
        if (!SubscriptionOptions.TryRead(reader.ReadByte(), version, out var options, out var error))
        {
            reader.Fail(error);
        }

        // [MQTT-3.8.3-4]
        reader.Require(!options.NoLocal || !SharedSubscription.IsShared(filter), ReasonCode.ProtocolError);
        return new TopicSubscription(Utf8Text.Encoding.GetString(filter), options);
    }
}
