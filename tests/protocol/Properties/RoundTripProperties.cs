using FsCheck.Fluent;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using Xunit.Abstractions;

namespace IotPlatform.Mqtt.Tests.Properties;

public sealed class RoundTripProperties(ITestOutputHelper output)
{
    [Fact]
    public void Publish_WhenWrittenAndRead_IsTheSame()
    {
        var packets = from version in Generators.Version from packet in Generators.Publish(version) select (version, packet);
        Prop.ForAll(packets.ToArbitrary(), row => IsSame(row.packet, row.version)).Check(output, maxTest: 300);
    }

    [Fact]
    public void Connect_WhenWrittenAndRead_IsTheSame()
    {
        var packets = from version in Generators.Version from packet in Generators.Connect(version) select (version, packet);
        Prop.ForAll(packets.ToArbitrary(), row => IsSame(row.packet, row.version)).Check(output, maxTest: 300);
    }

    [Fact]
    public void ForwardedProperties_OfAnyPublish_AreItsOwnWithoutThoseOfOneHop()
    {
        Prop.ForAll(Generators.Publish(ProtocolVersion.Mqtt500).ToArbitrary(), IsForwardedRight).Check(output, maxTest: 300);
    }

    private static bool IsSame(object packet, ProtocolVersion version)
    {
        var read = Wire.Read(Wire.Write(packet, version), version, Sender.Server, out var error);
        Assert.Equal(ReasonCode.Success, error);
        Assert.Equal(Dump.Of(packet), Dump.Of(read));
        return true;
    }

    private static bool IsForwardedRight(PublishValue value)
    {
        var bytes = value.Encode(ProtocolVersion.Mqtt500);
        Mqtt.Codec.Frame.TryRead(bytes, bytes.Length, out var header);
        Assert.True(PublishPacket.TryRead(
            bytes.AsSpan(header.HeaderLength), header.Flags, ProtocolVersion.Mqtt500, Sender.Server, out var packet, out _));
        var forwarded = new byte[packet.Properties.ForwardedSize];
        Assert.Equal(forwarded.Length, packet.Properties.CopyForwarded(forwarded));

        var expected = new byte[bytes.Length];
        var writer = new Mqtt.Codec.PacketWriter(expected);
        (value with { MessageExpiryInterval = null, TopicAlias = null, SubscriptionIdentifiers = [] }).WriteProperties(ref writer);
        Assert.Equal(writer.Written.ToArray(), forwarded);
        return true;
    }
}
