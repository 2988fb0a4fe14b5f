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
