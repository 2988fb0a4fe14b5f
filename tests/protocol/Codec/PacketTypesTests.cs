namespace IotPlatform.Mqtt.Tests.Codec;

public sealed class PacketTypesTests
{
    // Table 2-1 of both versions.
    [Theory]
    [InlineData(PacketType.Connect, true, false)]
    [InlineData(PacketType.ConnAck, false, true)]
    [InlineData(PacketType.Publish, true, true)]
    [InlineData(PacketType.PubAck, true, true)]
    [InlineData(PacketType.PubRec, true, true)]
    [InlineData(PacketType.PubRel, true, true)]
    [InlineData(PacketType.PubComp, true, true)]
    [InlineData(PacketType.Subscribe, true, false)]
    [InlineData(PacketType.SubAck, false, true)]
    [InlineData(PacketType.Unsubscribe, true, false)]
    [InlineData(PacketType.UnsubAck, false, true)]
    [InlineData(PacketType.PingReq, true, false)]
    [InlineData(PacketType.PingResp, false, true)]
    [InlineData(PacketType.Disconnect, true, true)]
    [InlineData(PacketType.Auth, true, true)]
    public void PacketType_MayBeSentBy_WhomTheTableSays(PacketType type, bool client, bool server)
    {
        Assert.Equal(client, type.MayBeSentBy(Sender.Client, ProtocolVersion.Mqtt500));
        Assert.Equal(server, type.MayBeSentBy(Sender.Server, ProtocolVersion.Mqtt500));

        // 3.1.1 has no AUTH, and its DISCONNECT is the client's alone.
        Assert.Equal(client && type != PacketType.Auth, type.MayBeSentBy(Sender.Client, ProtocolVersion.Mqtt311));
        Assert.Equal(server && type is not (PacketType.Auth or PacketType.Disconnect), type.MayBeSentBy(Sender.Server, ProtocolVersion.Mqtt311));
    }
}
