using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What a client is told when it connects, byte for byte where that counts.</summary>
public sealed class HandshakeTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-3.1.4-5], [MQTT-3.2.2-1], [MQTT-3.2.2-2] ([MQTT-3.1.4-4], [MQTT-3.2.2-1] in 3.1.1); [MQTT-3.1.3-2] tells the sessions apart by client id.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task ConnAck_SaysWhetherThereIsASession_AndHasNoOtherFlag(ProtocolVersion version)
    {
        var clean = Connect(version, "c", cleanStart: true, sessionExpiry: 100);
        var resuming = Connect(version, "c", cleanStart: false, sessionExpiry: 100);
        Assert.Equal(0, FlagsOf(await ConnectAsync(clean)));
        Assert.Equal(0, FlagsOf(await ConnectAsync(Connect(version, "another", cleanStart: false, sessionExpiry: 100))));
        Assert.Equal(version == V5 ? 1 : 0, FlagsOf(await ConnectAsync(resuming)));
        Assert.Equal(1, FlagsOf(await ConnectAsync(resuming)));
        Assert.Equal(0, FlagsOf(await ConnectAsync(clean)));
    }

    // [MQTT-3.2.0-1], [MQTT-3.2.0-2] However much waits for the client, and whatever it sends.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task ConnAck_IsTheFirstPacket_AndComesOnce(ProtocolVersion version)
    {
        var connect = Connect(version, "c", cleanStart: false, sessionExpiry: 100);
        var (connection, owner) = await ConnectAsync(connect);
        owner.Received(new SubscribePacket { PacketId = 1, Subscriptions = [new TopicSubscription("t", new SubscriptionOptions(QoS.AtLeastOnce))] }.ToArray(version), out _);
        await Patience.UntilAsync(() => TypesIn(connection, version).Length == 2);
        Assert.Equal([PacketType.ConnAck, PacketType.SubAck], TypesIn(connection, version));
        owner.Closed();
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync("t", "waits");

        (connection, owner) = await ConnectAsync(connect);
        owner.Received([0xC0, 0x00], out _);
        await Patience.UntilAsync(() => TypesIn(connection, version).Length == 3);
        Assert.Equal(PacketType.ConnAck, TypesIn(connection, version)[0]);
        Assert.Equal([PacketType.ConnAck, PacketType.Publish, PacketType.PingResp], TypesIn(connection, version).Order());
    }

    // [MQTT-3.1.3-5]
    [Theory]
    [InlineData("a")]
    [InlineData("0123456789abcdefghijklm")]
    [InlineData("nopqrstuvwxyzABCDEFGHIJ")]
    [InlineData("KLMNOPQRSTUVWXYZ")]
    public async Task ClientId_OfTheCharactersThatEveryServerTakes_IsTaken(string clientId)
    {
        foreach (var version in new[] { V3, V5 })
        {
            Assert.True((await EdgeClient.ConnectAsync(_edge, clientId, version)).Owner.IsOpen);
        }
    }

    // [MQTT-3.1.3-6], [MQTT-3.1.3-7], [MQTT-3.2.2-16]
    [Fact]
    public async Task ClientId_ThatIsEmpty_IsReplacedByOneThatNobodyElseHas()
    {
        var first = await EdgeClient.ConnectAsync(_edge, "");
        var second = await EdgeClient.ConnectAsync(_edge, "");
        var third = await EdgeClient.ConnectAsync(_edge, "", V3);
        Assert.NotNull(first.ConnAck.AssignedClientIdentifier);
        Assert.NotNull(second.ConnAck.AssignedClientIdentifier);
        Assert.NotEqual(first.ConnAck.AssignedClientIdentifier, second.ConnAck.AssignedClientIdentifier);
        Assert.All([first, second, third], static client => Assert.True(client.Owner.IsOpen));

        // It is the client's own from now on.
        await EdgeClient.ConnectAsync(_edge, first.ConnAck.AssignedClientIdentifier);
        await Patience.UntilAsync(() => first.IsClosed);
        Assert.False(second.IsClosed);
    }

    // [MQTT-3.1.3-8] ([MQTT-3.1.3-9] in 3.1.1)
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task ClientId_ThatCanBeNoName_IsRejected(ProtocolVersion version)
    {
        var (connection, _) = await ConnectAsync(Connect(version, new string('c', 1_000), cleanStart: true));
        Assert.True(connection.IsClosed);
        Assert.Equal(ReasonCode.ClientIdentifierNotValid, Assert.Single(In(connection, version)).Reason);
    }

    // [MQTT-3.1.2-28]: no response information that was not asked for. [MQTT-4.12.0-6]: no authentication method where CONNECT had none.
    // [MQTT-3.2.2-9]: every QoS is there.
    [Fact]
    public async Task ConnAck_HasNothingThatWasNotAskedFor()
    {
        var connAck = (await EdgeClient.ConnectAsync(_edge, "c")).ConnAck;
        Assert.Null(connAck.ResponseInformation);
        Assert.Null(connAck.AuthenticationMethod);
        Assert.Null(connAck.AuthenticationData);
        Assert.Null(connAck.AssignedClientIdentifier);
        Assert.Null(connAck.ServerKeepAlive);
        Assert.Null(connAck.MaximumQoS);
        Assert.Null(connAck.RetainAvailable);
        Assert.Null(connAck.WildcardSubscriptionAvailable);
        Assert.Null(connAck.SharedSubscriptionAvailable);
    }

    // [MQTT-3.1.2-29]; the server writes no User Property of its own to anybody.
    [Fact]
    public async Task Refusals_ToAClientThatWantsNoProblems_AreReasonCodesAlone()
    {
        var (connection, owner) = await ConnectAsync(Notation.Bytes("10 < ['MQTT'] 05 02 0000 < 17 00 > ['c'] >"));
        connection.Sent.Clear();
        owner.Received(Notation.Bytes("32 < ['$x'] 0001 00 'x' > 34 < ['$x'] 0002 00 'x' > 82 < 0003 00 ['$x'] 00 > A2 < 0004 00 ['none'] > 62 < 0005 >"), out _);
        Assert.Equal(
            Convert.ToHexString(Notation.Bytes("40 < 0001 87 > 50 < 0002 87 > 90 < 0003 00 87 > B0 < 0004 00 11 > 70 < 0005 92 >")),
            Convert.ToHexString([.. connection.Sent.SelectMany(static sent => sent)]));
    }

    // [MQTT-3.1.2-24] What does not fit can not be said; then there is nothing to connect to.
    [Fact]
    public async Task ConnAck_ThatIsLargerThanTheClientTakes_IsNotSent()
    {
        var (connection, _) = await ConnectAsync(Notation.Bytes("10 < ['MQTT'] 05 02 0000 < 27 00000006 > ['c'] >"));
        Assert.True(connection.IsClosed);
        Assert.Empty(connection.Sent);
    }

    private static ConnectPacket Connect(ProtocolVersion version, string clientId, bool cleanStart, uint? sessionExpiry = null) =>
        new() { Version = version, ClientId = clientId, CleanStart = cleanStart, SessionExpiryInterval = version == V5 ? sessionExpiry : null };

    private static List<EdgePacket> In(FakeConnection connection, ProtocolVersion version)
    {
        lock (connection.Sent)
        {
            return EdgePacket.In([.. connection.Sent.SelectMany(static sent => sent)], version);
        }
    }

    private static PacketType[] TypesIn(FakeConnection connection, ProtocolVersion version) => [.. In(connection, version).Select(static p => p.Type)];

    // 20, the length, the acknowledge flags, the code.
    private static byte FlagsOf((FakeConnection Connection, MqttConnection Owner) connected)
    {
        var connAck = connected.Connection.Sent[0];
        Assert.Equal((0x20, 0), (connAck[0], connAck[3]));
        return connAck[2];
    }

    private Task<(FakeConnection Connection, MqttConnection Owner)> ConnectAsync(ConnectPacket connect) => ConnectAsync(connect.ToArray(connect.Version));

    private async Task<(FakeConnection Connection, MqttConnection Owner)> ConnectAsync(byte[] connect)
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var owner = _edge.NewOwner(connection);
        owner.Received(connect, out _);
        await Patience.UntilAsync(() => connection.IsClosed || connection.Resumes > 0);
        return (connection, owner);
    }
}
