using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Mqtt.Tests.Support;

/// <summary>A PUBACK, PUBREC, PUBREL or PUBCOMP as a value that outlives the bytes it was read from.</summary>
internal sealed record AcknowledgementValue(PacketType Type, ushort PacketId, ReasonCode ReasonCode = ReasonCode.Success)
{
    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static AcknowledgementValue Of(in Acknowledgement packet) => new(packet.Type, packet.PacketId, packet.ReasonCode)
    {
        ReasonString = packet.Properties.Text(PropertyId.ReasonString),
        UserProperties = packet.Properties.UserProperties(),
    };

    public byte[] Encode(ProtocolVersion version)
    {
        var buffer = new byte[1024];
        var writer = new PacketWriter(buffer);
        writer.WriteProperty(PropertyId.ReasonString, ReasonString);
        writer.WriteUserProperties(UserProperties);
        Assert.True(PropertyBlock.TryParse(writer.Written, (PropertyScope)(1 << (int)Type), out var properties, out _));
        var packet = new Acknowledgement { Type = Type, PacketId = PacketId, ReasonCode = ReasonCode, Properties = properties };
        var bytes = new byte[packet.EncodedSize(version)];
        Assert.Equal(bytes.Length, packet.Write(bytes, version));
        return bytes;
    }
}
