using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;

namespace IotPlatform.Mqtt.Tests.Codec;

public sealed class ConnectVersionTests
{
    [Theory]
    [InlineData("['MQIsdp'] 03 02 003C ['c']", ProtocolVersion.Mqtt311)]
    [InlineData("['MQTT'] 04 03 003C ['c']", ProtocolVersion.Mqtt311)]
    [InlineData("['MQTT'] 05 03 003C 00 ['c']", ProtocolVersion.Mqtt500)]
    [InlineData("['MQTT'] 06", ProtocolVersion.Mqtt500)]
    [InlineData("0004 'MQ'", ProtocolVersion.Mqtt311)]
    [InlineData("", ProtocolVersion.Mqtt311)]
    public void RefusedConnect_OfAnyVersion_CanBeAnsweredInOneThatItsSenderKnows(string notation, ProtocolVersion expected)
    {
        var body = Notation.Bytes(notation);
        Assert.False(ConnectPacket.TryRead(body, 0, out _, out _));
        Assert.Equal(expected, ConnectPacket.AnswerVersion(body));
    }

    [Theory]
    [InlineData(ReasonCode.Success, ConnectReturnCode.Accepted)]
    [InlineData(ReasonCode.UnsupportedProtocolVersion, ConnectReturnCode.UnacceptableProtocolVersion)]
    [InlineData(ReasonCode.ClientIdentifierNotValid, ConnectReturnCode.IdentifierRejected)]
    [InlineData(ReasonCode.ServerBusy, ConnectReturnCode.ServerUnavailable)]
    [InlineData(ReasonCode.BadUserNameOrPassword, ConnectReturnCode.BadUserNameOrPassword)]
    [InlineData(ReasonCode.Banned, ConnectReturnCode.NotAuthorized)]
    [InlineData(ReasonCode.MalformedPacket, null)]
    [InlineData(ReasonCode.ProtocolError, null)]
    public void ReasonCode_ForAClientOf311_BecomesItsReturnCodeOrNone(ReasonCode code, ConnectReturnCode? expected)
        => Assert.Equal(expected, code.ToConnectReturnCode());

    [Fact]
    public void Connect_WrittenInAnotherVersionThanItAsksFor_Throws()
        => Assert.Throws<ArgumentException>(() => new ConnectPacket { Version = ProtocolVersion.Mqtt311 }.EncodedSize(ProtocolVersion.Mqtt500));

    [Fact]
    public void SubAck_WrittenFor311_SaysEveryFailureAs80()
    {
        var packet = new SubAckPacket { PacketId = 1, ReasonCodes = [ReasonCode.NotAuthorized, ReasonCode.GrantedQoS2] };
        Assert.Equal(Notation.Bytes("90 04 0001 80 02"), packet.ToArray(ProtocolVersion.Mqtt311));
    }

    [Fact]
    public void Packets_WrittenFor311_CarryNoProperties()
    {
        var connAck = new ConnAckPacket { ReasonCode = ReasonCode.NotAuthorized, ReasonString = "no" };
        Assert.Equal(Notation.Bytes("20 02 00 05"), connAck.ToArray(ProtocolVersion.Mqtt311));
        var disconnect = new DisconnectPacket { ReasonCode = ReasonCode.ServerShuttingDown, ReasonString = "no" };
        Assert.Equal(Notation.Bytes("E0 00"), disconnect.ToArray(ProtocolVersion.Mqtt311));
        Span<byte> bytes = stackalloc byte[Acknowledgement.BytesMax];
        var length = Acknowledgement.Write(bytes, PacketType.PubAck, 1, ReasonCode.QuotaExceeded, ProtocolVersion.Mqtt311);
        Assert.Equal(Notation.Bytes("40 02 0001"), bytes[..length].ToArray());
    }
}
