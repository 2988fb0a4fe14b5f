using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Which session a connection gets, and when it ends.</summary>
public sealed class SessionRegistryTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    private SessionRegistry Registry => _edge.Sessions;

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public void FirstConnection_GetsANewSession()
    {
        var (session, replaced) = Open("d", Connection(1));
        Assert.Null(replaced);
        Assert.Equal(new DeviceId("p", "d"), session!.Device);
        Assert.Equal(1, Registry.Count);
    }

    [Fact]
    public void NewerConnection_TakesOver_AndTheOlderOneIsClosed()
    {
        var first = Connection(1);
        var older = Open("d", first).Session!;
        Subscribe(older, "a");
        var (session, replaced) = Open("d", Connection(2));
        Assert.True(first.IsClosed);
        Assert.Same(older, replaced);
        Assert.NotSame(older, session);

        // Its subscriptions stay until those of the new one are in effect.
        Assert.Equal(1, _edge.Router.FilterCount);
        Registry.End(older);
        Assert.Equal((0, 1), (_edge.Router.FilterCount, Registry.Count));

        // The older one's end changes nothing.
        Registry.Release(older, first);
        Assert.Equal(2, session!.Claim!.ConnectionId);
        Assert.Equal(1, Registry.Count);
    }

    // [MQTT-3.1.4-3]
    [Fact]
    public void NewerConnection_OverOneThatIsJustBeingEnded_IsLetInWhenThatIsClosed()
    {
        var (older, connection) = _edge.Online("d", ProtocolVersion.Mqtt500);
        older.TakenOver();
        Assert.True(connection.IsClosed);
        Assert.Equal([0xE0, 0x01, 0x8E], connection.Sent[^1]);
    }

    [Fact]
    public void OlderConnection_ThatComesLate_IsRefused()
    {
        var newer = Connection(2);
        Open("d", newer);
        Assert.Null(Open("d", Connection(1)).Session);
        Assert.False(newer.IsClosed);
    }

    // The device had a connection at another gateway in between.
    [Fact]
    public void ConnectionThatItsGrainAttachedLater_TakesOver_ThoughItWasMadeEarlier()
    {
        var first = Connection(5);
        Open("d", first, order: 100);
        Assert.NotNull(Open("d", Connection(3), order: 200).Session);
        Assert.True(first.IsClosed);
    }

    [Fact]
    public void SessionThatIsNotKept_EndsWithItsConnection()
    {
        var connection = Connection(1);
        var session = Open("d", connection).Session!;
        Subscribe(session, "a");
        Registry.Release(session, connection);
        Assert.Equal((0, 0), (_edge.Router.FilterCount, Registry.Count));
        Assert.True(session.IsEnded);
    }

    // They may have missed what was published at other gateways while this one was taken for gone.
    [Theory]
    [InlineData("a/b", true)]
    [InlineData("$share/g/a/b", true)]
    [InlineData("/sys/p/d/message/request/+", false)]
    [InlineData("/broadcast/p/x", false)]
    [InlineData(null, false)]
    public void SessionsThatOthersPublishTo_AreEndedTogether(string? filter, bool isEnded)
    {
        var connection = Connection(1);
        Subscribe(Open("d", connection).Session!, filter);

        Registry.EndWhatOthersPublishTo();
        Assert.Equal(isEnded ? 0 : 1, Registry.Count);
        Assert.Equal(isEnded, connection.IsClosed);
        Assert.Equal(!isEnded && filter is not null ? 1 : 0, _edge.Router.FilterCount);
    }

    [Fact]
    public async Task SessionsThatAreKept_HaveMissedNothing_AndStay()
    {
        var client = await EdgeClient.ConnectAsync(_edge, "s", sessionExpiry: 100);
        await client.SubscribeAsync("a/b");
        Registry.EndWhatOthersPublishTo();
        Assert.False(client.IsClosed);
    }

    [Fact]
    public void TakeoversAtOnce_LeaveOneSessionWithTheNewestConnection()
    {
        MqttConnection[] connections = [.. Enumerable.Range(1, 64).Select(i => Connection(i))];
        Parallel.ForEach(connections, connection => Registry.Open(new DeviceId("p", "d"), connection, connection.ConnectionId, TimeSpan.Zero, kept: null, out _));
        Assert.Equal(1, Registry.Count);
        Assert.False(connections[^1].IsClosed);
        Assert.Null(Open("d", Connection(63)).Session);
    }

    private void Subscribe(Session session, string? filter)
    {
        if (filter is not null)
        {
            session.TrySubscribe(Encoding.UTF8.GetBytes(filter), default, out _);
            _edge.Router.TrySubscribe(session, Encoding.UTF8.GetBytes(filter), default);
        }
    }

    private MqttConnection Connection(long id) => _edge.NewOwner(new FakeConnection(id));

    private (Session? Session, Session? Replaced) Open(string name, MqttConnection connection, long? order = null)
    {
        var session = Registry.Open(new DeviceId("p", name), connection, order ?? connection.ConnectionId, TimeSpan.Zero, kept: null, out var replaced);
        return (session, replaced);
    }
}
