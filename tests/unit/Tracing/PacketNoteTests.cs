using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Tracing;

namespace IotPlatform.Unit.Tests.Tracing;

/// <summary>What is noted of each packet.</summary>
public sealed class PacketNoteTests
{
    public static TheoryData<ProtocolVersion> Versions { get; } = [ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt500];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Connect_IsNotedWithoutWhatItSays(ProtocolVersion version) => AssertNoted(
        new ConnectPacket { Version = version, ClientId = "c", CleanStart = true, UserName = "u", Password = "secret"u8.ToArray() },
        Sender.Client, version, new PacketNote(PacketType.Connect, 0, "", QoS.AtMostOnce, 0, ""));

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, "NotAuthorized")]
    [InlineData(ProtocolVersion.Mqtt311, "NotAuthorized")]
    public void ConnAck_IsNotedWithItsReason(ProtocolVersion version, string outcome) => AssertNoted(
        new ConnAckPacket { ReasonCode = ReasonCode.NotAuthorized }, Sender.Server, version, new PacketNote(PacketType.ConnAck, 0, "", QoS.AtMostOnce, 0, outcome));

    [Theory]
    [MemberData(nameof(Versions))]
    public void Publish_IsNotedWithItsTopic_AndWithoutItsPayload(ProtocolVersion version)
    {
        var packet = Publish("t/ü", "payload", QoS.ExactlyOnce, packetId: 9, version);
        Assert.Equal(new PacketNote(PacketType.Publish, 9, "t/ü", QoS.ExactlyOnce, packet.Length, ""), Read(packet, version, Sender.Client));
    }

    [Fact]
    public void Publish_BehindAnAlias_IsNotedWithThat()
    {
        var packet = Publish("", "payload", QoS.AtMostOnce, packetId: 0, ProtocolVersion.Mqtt500, [0x23, 0x01, 0x02]);
        Assert.Equal(
            new PacketNote(PacketType.Publish, 0, "", QoS.AtMostOnce, packet.Length, "", TopicAlias: 0x0102), Read(packet, ProtocolVersion.Mqtt500, Sender.Client));
    }

    [Theory]
    [InlineData(PacketType.PubAck)]
    [InlineData(PacketType.PubRec)]
    [InlineData(PacketType.PubRel)]
    [InlineData(PacketType.PubComp)]
    public void Acknowledgement_IsNotedWithItsPacketIdAndReason(PacketType type)
    {
        var reason = type is PacketType.PubAck or PacketType.PubRec ? ReasonCode.QuotaExceeded : ReasonCode.PacketIdentifierNotFound;
        foreach (var (version, outcome) in new[] { (ProtocolVersion.Mqtt311, ReasonCode.Success), (ProtocolVersion.Mqtt500, reason) })
        {
            var bytes = new byte[Acknowledgement.BytesMax];
            var packet = bytes[..Acknowledgement.Write(bytes, type, 300, reason, version)];
            Assert.Equal(new PacketNote(type, 300, "", QoS.AtMostOnce, packet.Length, outcome.ToString()), Read(packet, version, Sender.Client));
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Subscribe_IsNotedWithItsFilters(ProtocolVersion version) => AssertNoted(
        new SubscribePacket { PacketId = 5, Subscriptions = [new("a/+", new SubscriptionOptions(QoS.AtLeastOnce)), new("$share/g/#", new SubscriptionOptions(QoS.AtMostOnce))] },
        Sender.Client, version, new PacketNote(PacketType.Subscribe, 5, "a/+ $share/g/#", QoS.AtMostOnce, 0, ""));

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, "GrantedQoS2 NotAuthorized")]
    [InlineData(ProtocolVersion.Mqtt311, "GrantedQoS2 UnspecifiedError")]
    public void SubAck_IsNotedWithItsReasons(ProtocolVersion version, string outcome) => AssertNoted(
        new SubAckPacket { PacketId = 5, ReasonCodes = [ReasonCode.GrantedQoS2, version == ProtocolVersion.Mqtt500 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError] },
        Sender.Server, version, new PacketNote(PacketType.SubAck, 5, "", QoS.AtMostOnce, 0, outcome));

    [Theory]
    [MemberData(nameof(Versions))]
    public void Unsubscribe_IsNotedWithItsFilters(ProtocolVersion version) => AssertNoted(
        new UnsubscribePacket { PacketId = 6, Filters = ["a", "b/#"] }, Sender.Client, version, new PacketNote(PacketType.Unsubscribe, 6, "a b/#", QoS.AtMostOnce, 0, ""));

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500, "Success NoSubscriptionExisted")]
    [InlineData(ProtocolVersion.Mqtt311, "")]
    public void UnsubAck_IsNotedWithItsReasons(ProtocolVersion version, string outcome) => AssertNoted(
        new UnsubAckPacket { PacketId = 6, ReasonCodes = [ReasonCode.Success, ReasonCode.NoSubscriptionExisted] },
        Sender.Server, version, new PacketNote(PacketType.UnsubAck, 6, "", QoS.AtMostOnce, 0, outcome));

    [Fact]
    public void Disconnect_IsNotedWithItsReason()
    {
        AssertNoted(
            new DisconnectPacket { ReasonCode = ReasonCode.AdministrativeAction }, Sender.Server, ProtocolVersion.Mqtt500,
            new PacketNote(PacketType.Disconnect, 0, "", QoS.AtMostOnce, 0, "AdministrativeAction"));
        AssertNoted(
            new DisconnectPacket { ReasonCode = ReasonCode.DisconnectWithWill }, Sender.Client, ProtocolVersion.Mqtt500,
            new PacketNote(PacketType.Disconnect, 0, "", QoS.AtMostOnce, 0, "DisconnectWithWill"));
        AssertNoted(new DisconnectPacket(), Sender.Client, ProtocolVersion.Mqtt311, new PacketNote(PacketType.Disconnect, 0, "", QoS.AtMostOnce, 0, "Success"));
    }

    [Fact]
    public void Auth_IsNotedWithItsReason_AndWithoutItsData()
    {
        AssertNoted(
            new AuthPacket { ReasonCode = ReasonCode.ReAuthenticate, AuthenticationMethod = "SCRAM-SHA-256", AuthenticationData = "secret"u8.ToArray() },
            Sender.Client, ProtocolVersion.Mqtt500, new PacketNote(PacketType.Auth, 0, "", QoS.AtMostOnce, 0, "ReAuthenticate"));
    }

    [Theory]
    [InlineData(PacketType.PingReq, 0xC0)]
    [InlineData(PacketType.PingResp, 0xD0)]
    public void Ping_IsNoted(PacketType type, byte first) =>
        Assert.Equal(new PacketNote(type, 0, "", QoS.AtMostOnce, 2, ""), Read([first, 0], ProtocolVersion.Mqtt500, Sender.Client));

    [Theory]
    [InlineData("30 02 00 05", PacketType.Publish)]
    [InlineData("32 05 00 01 74 00 00", PacketType.Publish)]
    [InlineData("30 04 00 02 FF FE", PacketType.Publish)]
    [InlineData("40 01 00", PacketType.PubAck)]
    [InlineData("50 02 00 00", PacketType.PubRec)]
    [InlineData("62 00", PacketType.PubRel)]
    [InlineData("70 03 00 01 FF", PacketType.PubComp)]
    [InlineData("82 03 00 01 00", PacketType.Subscribe)]
    [InlineData("90 02 00 01", PacketType.SubAck)]
    [InlineData("A2 03 00 01 00", PacketType.Unsubscribe)]
    [InlineData("B0 01 00", PacketType.UnsubAck)]
    [InlineData("20 01 00", PacketType.ConnAck)]
    [InlineData("E0 01 01", PacketType.Disconnect)]
    [InlineData("F0 01 01", PacketType.Auth)]
    public void Packet_ThatIsMalformed_IsNotedAsFarAsItsHeaderSaysWhatItIs(string hex, PacketType type)
    {
        var packet = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(new PacketNote(type, 0, "", QoS.AtMostOnce, packet.Length, ""), Read(packet, ProtocolVersion.Mqtt500, Sender.Client));
    }

    internal static byte[] Publish(string topic, string payload, QoS qos, ushort packetId, ProtocolVersion version, byte[]? properties = null)
    {
        PublishProperties.TryParse(properties ?? [], Sender.Client, out var parsed, out _);
        var packet = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Payload = Encoding.UTF8.GetBytes(payload),
            Flags = new PublishFlags(qos, Retain: false),
            PacketId = packetId,
            Properties = parsed,
        };
        var bytes = new byte[packet.EncodedSize(version)];
        packet.Write(bytes, version);
        return bytes;
    }

    // The size is the packet's own.
    private static void AssertNoted(ControlPacket packet, Sender sender, ProtocolVersion version, PacketNote expected)
    {
        var bytes = packet.ToArray(version);
        Assert.Equal(expected with { Bytes = bytes.Length }, Read(bytes, version, sender));
    }

    private static PacketNote Read(ReadOnlySpan<byte> packet, ProtocolVersion version, Sender sender)
    {
        Assert.Equal(FrameStatus.Complete, Frame.TryRead(packet, int.MaxValue, out var header));
        return PacketNote.Read(header, packet.Slice(header.HeaderLength, header.BodyLength), version, sender);
    }
}
