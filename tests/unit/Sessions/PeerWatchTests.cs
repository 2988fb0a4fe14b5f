using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Who has been silent for too long.</summary>
public sealed class PeerWatchTests : IAsyncDisposable
{
    private static readonly byte[] PingReq = [0xC0, 0];

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public void ConnectionThatSendsNoConnect_IsClosedAfterTheConnectTimeout()
    {
        var connection = new FakeConnection();
        _edge.Watch.Add(_edge.NewOwner(connection));
        Advance(9);
        Assert.False(connection.IsClosed);
        Advance(1);
        Assert.True(connection.IsClosed);
    }

    [Theory]
    [InlineData(60, 90)]
    [InlineData(3, 5)]
    [InlineData(1, 2)]
    [InlineData(600, 900)]
    [InlineData(65_535, 98_303)]
    public async Task SilentClient_IsClosedAfterOneAndAHalfKeepAlives(int keepAlive, int seconds)
    {
        var (connection, _) = await ConnectAsync((ushort)keepAlive);
        Advance(seconds - 1);
        Assert.False(connection.IsClosed);
        Advance(1);
        Assert.True(connection.IsClosed);
    }

    [Fact]
    public async Task ClientThatPings_Stays()
    {
        var (connection, owner) = await ConnectAsync(60);
        for (var i = 0; i < 50; i++)
        {
            Advance(89);
            owner.Received(PingReq, out _);
        }

        Assert.False(connection.IsClosed);
        Advance(90);
        Assert.True(connection.IsClosed);
    }

    [Fact]
    public async Task ClientWithoutKeepAlive_Stays()
    {
        var (connection, _) = await ConnectAsync(0);
        Advance(200_000);
        Assert.False(connection.IsClosed);
    }

    // [MQTT-3.2.2-21], [MQTT-3.2.2-22] Server and client go by one keep-alive: what CONNACK says, else what CONNECT said.
    [Theory]
    [InlineData(0, 60, 60, 90)]
    [InlineData(120, 60, 60, 90)]
    [InlineData(60, null, 60, 90)]
    [InlineData(10, null, 60, 15)]
    [InlineData(10, null, null, 15)]
    public async Task KeepAlive_BeyondTheServersOwn_IsReplacedByIt_AndTheClientIsTold(int asked, int? told, int? max, int seconds)
    {
        _edge.Settings.KeepAliveMax = max is null ? null : TimeSpan.FromSeconds(max.Value);
        var client = await EdgeClient.ConnectAsync(_edge, "c", keepAlive: (ushort)asked);
        _edge.Watch.Add(client.Owner);
        Assert.Equal((ushort?)told, client.ConnAck.ServerKeepAlive);
        Advance(seconds - 1);
        Assert.False(client.IsClosed);
        Advance(1);
        Assert.True(client.IsClosed);
        Assert.Equal(ReasonCode.KeepAliveTimeout, client.Packets[^1].Reason);
    }

    // 3.1.1 has no field to tell it: the client keeps what it asked for.
    [Theory]
    [InlineData(0, 200_000)]
    [InlineData(600, 899)]
    public async Task KeepAlive_BeyondTheServersOwn_Of311_StaysTheClients(int asked, int seconds)
    {
        _edge.Settings.KeepAliveMax = TimeSpan.FromSeconds(60);
        var (connection, _) = await ConnectAsync((ushort)asked);
        Advance(seconds);
        Assert.False(connection.IsClosed);
    }

    [Fact]
    public void ClosedConnection_IsLetGo()
    {
        var reference = AddClosed();
        Advance(11);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(reference.IsAlive, "The watch holds on to a connection that is gone.");
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference AddClosed()
    {
        var owner = _edge.NewOwner(new FakeConnection());
        _edge.Watch.Add(owner);
        owner.Disconnect(ReasonCode.AdministrativeAction);
        return new WeakReference(owner);
    }

    private async Task<(FakeConnection Connection, MqttConnection Owner)> ConnectAsync(ushort keepAlive)
    {
        var connection = new FakeConnection(ConnectionIds.Next());
        var owner = _edge.NewOwner(connection);
        _edge.Watch.Add(owner);
        owner.Received(new ConnectPacket { Version = ProtocolVersion.Mqtt311, ClientId = "c", CleanStart = true, KeepAlive = keepAlive }.ToArray(ProtocolVersion.Mqtt311), out _);
        await Patience.UntilAsync(() => owner.IsOpen);
        return (connection, owner);
    }

    private void Advance(int seconds) => _edge.Time.Advance(TimeSpan.FromSeconds(seconds));
}
