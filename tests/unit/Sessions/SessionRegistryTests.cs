using System.Text;
using IotPlatform.Devices;
using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Which session a connection gets, and how long sessions live.</summary>
public sealed class SessionRegistryTests : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Edge _edge = new();

    private SessionRegistry Registry => _edge.Sessions;

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public void FirstConnection_GetsANewSession()
    {
        var (session, isPresent) = Open("d", Connection(1))!.Value;
        Assert.False(isPresent);
        Assert.Equal(new DeviceId("p", "d"), session.Device);
        Assert.Equal(1, Registry.Count);
    }

    [Fact]
    public void ConnectionWithoutCleanStart_ResumesTheSession()
    {
        var first = Connection(1);
        var session = Open("d", first)!.Value.Session;
        Registry.Release(session, first);
        var second = Connection(2);
        Assert.Equal((session, true), Open("d", second));
        Assert.Same(second, session.Claim);
    }

    [Fact]
    public void CleanStart_EndsTheEarlierSessionAndItsSubscriptions()
    {
        var first = Connection(1);
        var session = Open("d", first)!.Value.Session;
        session.TrySubscribe("a"u8.ToArray(), default, out _);
        _edge.Router.TrySubscribe(session, "a"u8.ToArray(), default);
        Registry.Release(session, first);

        var (fresh, isPresent) = Open("d", Connection(2), isCleanStart: true)!.Value;
        Assert.NotSame(session, fresh);
        Assert.False(isPresent);
        Assert.Equal((0, 1), (_edge.Router.FilterCount, Registry.Count));
    }

    [Fact]
    public void NewerConnection_TakesOver_AndTheOlderOneIsClosed()
    {
        var first = Connection(1);
        var session = Open("d", first)!.Value.Session;
        Assert.Equal((session, true), Open("d", Connection(2)));
        Assert.True(first.IsClosed);

        // The older one's end changes nothing.
        Registry.Release(session, first);
        Assert.Equal(2, session.Claim!.ConnectionId);
    }

    [Fact]
    public void OlderConnection_ThatComesLate_IsRefused()
    {
        var newer = Connection(2);
        Open("d", newer);
        Assert.Null(Open("d", Connection(1)));
        Assert.False(newer.IsClosed);
    }

    [Fact]
    public void SessionWithoutExpiry_EndsWithItsConnection()
    {
        var connection = Connection(1);
        var session = Open("d", connection, expiry: TimeSpan.Zero)!.Value.Session;
        Registry.Release(session, connection);
        Assert.Equal(0, Registry.Count);
    }

    [Fact]
    public void Sweep_EndsASessionOnceItsExpiryHasPassed()
    {
        Leave("d", 1);
        _edge.Time.Advance(Hour - TimeSpan.FromTicks(1));
        Registry.Sweep();
        Assert.Equal(1, Registry.Count);
        _edge.Time.Advance(TimeSpan.FromTicks(1));
        Registry.Sweep();
        Assert.Equal(0, Registry.Count);
    }

    [Fact]
    public void Sweep_LeavesConnectedSessionsAlone()
    {
        Open("d", Connection(1));
        _edge.Time.Advance(10 * Hour);
        Registry.Sweep();
        Assert.Equal(1, Registry.Count);
    }

    [Fact]
    public void Sweep_BeyondTheBound_EndsTheLongestAway()
    {
        _edge.Settings.Session.OfflineMax = 2;
        for (var i = 0; i < 4; i++)
        {
            Leave($"d{i}", i + 1);
            _edge.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Registry.Sweep();
        Assert.Equal(2, Registry.Count);
        Assert.True(Open("d3", Connection(10))!.Value.IsPresent);
        Assert.False(Open("d1", Connection(11))!.Value.IsPresent);
    }

    // They may have missed what was published at other gateways while this one was taken for gone.
    [Theory]
    [InlineData("a/b", true)]
    [InlineData("$share/g/a/b", true)]
    [InlineData("/sys/p/d/message/request/+", false)]
    [InlineData("/broadcast/p/x", false)]
    [InlineData(null, false)]
    public void SessionsThatOthersPublishTo_AreEndedTogether_AlsoThoseThatAreAway(string? filter, bool isEnded)
    {
        var connection = Connection(1);
        Subscribe(Open("d", connection)!.Value.Session, filter);
        var away = Connection(2);
        var session = Open("away", away)!.Value.Session;
        Subscribe(session, filter);
        Registry.Release(session, away);

        Registry.EndWhatOthersPublishTo();
        Assert.Equal(isEnded ? 0 : 2, Registry.Count);
        Assert.Equal(isEnded, connection.IsClosed);
        Assert.Equal(!isEnded && filter is not null ? 1 : 0, _edge.Router.FilterCount);
        Assert.Equal(!isEnded, Open("away", Connection(3))!.Value.IsPresent);
    }

    [Fact]
    public void Bound_AfterManySessionsCameAndWent_CountsOnlyThoseThatAreAway()
    {
        _edge.Settings.Session.OfflineMax = 1;
        Leave("kept", 1);
        var id = 1;
        foreach (var isCleanStart in new[] { false, true })
        {
            // Each takes over from the one before it, whose end is told after that.
            var older = Connection(++id);
            var session = Open("other", older)!.Value.Session;
            for (var i = 0; i < 5; i++)
            {
                var newer = Connection(++id);
                var next = Open("other", newer, isCleanStart)!.Value.Session;
                Registry.Release(session, older);
                (older, session) = (newer, next);
            }

            session.Expiry = TimeSpan.Zero;
            Registry.Release(session, older);
        }

        Registry.Sweep();
        Assert.Equal(1, Registry.Count);
    }

    [Fact]
    public void TakeoversAtOnce_LeaveOneSessionWithTheNewestConnection()
    {
        MqttConnection[] connections = [.. Enumerable.Range(1, 64).Select(i => Connection(i))];
        Parallel.ForEach(connections, connection => Registry.Open(new DeviceId("p", "d"), connection, connection.ConnectionId % 3 == 0, Hour));
        Assert.Equal(1, Registry.Count);
        Assert.False(connections[^1].IsClosed);
        Assert.Null(Open("d", Connection(63)));
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

    private (Session Session, bool IsPresent)? Open(string name, MqttConnection connection, bool isCleanStart = false, TimeSpan? expiry = null) =>
        Registry.Open(new DeviceId("p", name), connection, isCleanStart, expiry ?? Hour);

    private void Leave(string name, long id)
    {
        var connection = Connection(id);
        Registry.Release(Open(name, connection)!.Value.Session, connection);
    }
}
