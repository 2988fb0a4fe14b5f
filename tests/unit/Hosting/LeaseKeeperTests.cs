using IotPlatform.Gateways;
using IotPlatform.Grpc.Health;
using IotPlatform.Hosting;
using IotPlatform.Routing.Peers;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Hosting;

/// <summary>How a gateway keeps its lease.</summary>
public sealed class LeaseKeeperTests : IAsyncDisposable
{
    private readonly Edge _edge = new();
    private readonly StubGrains _grains = new();
    private readonly List<string> _asked = [];
    private readonly LeaseKeeper _keeper;
    private Func<string, LeaseReply> _answer = static _ => new LeaseReply(null, ClusterVersion: 1, HadLapsed: false);

    public LeaseKeeperTests()
    {
        _grains.Set<IGatewayDirectoryGrain>((_, _, _) => Answer("directory"));
        _grains.Set<ILeaseRelayGrain>((key, _, _) => Answer($"relay {key}"));
        var peer = new PeerObserver(_edge.Identity, _edge.Interests, _edge.Peers, _edge.Router, _edge.Publisher, _edge.Host.Engine);
        _keeper = new LeaseKeeper(
            _edge.Identity, _edge.Shards, peer, _edge.Peers, _edge.Keeper, _edge.Sessions, _edge.Linker, new HealthState(), _grains, Options.Create(_edge.Settings), _edge.Time,
            NullLogger<LeaseKeeper>.Instance);
    }

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Renewal_GoesStraightToTheDirectory()
    {
        await _keeper.RenewAsync();
        await _keeper.RenewAsync();
        Assert.Equal(["directory", "directory"], _asked);
    }

    [Fact]
    public async Task Renewal_ThatFails_IsMadeAgainOnAnotherWay_UntilOneWorks()
    {
        _answer = static way => way == "relay 2" ? new LeaseReply(null, ClusterVersion: 1, HadLapsed: false) : throw new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(_keeper.RenewAsync);
        await Assert.ThrowsAsync<TimeoutException>(_keeper.RenewAsync);
        await _keeper.RenewAsync();
        await _keeper.RenewAsync();
        Assert.Equal(["directory", "relay 1", "relay 2", "relay 2"], _asked);
    }

    // Others took it for gone, and did not send it what its clients are subscribed to.
    [Fact]
    public async Task Lease_ThatHadLapsed_EndsTheSessionsThatMayHaveMissedSomething()
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync("t");
        var other = await EdgeClient.ConnectAsync(_edge, "o");
        _answer = static _ => new LeaseReply(null, ClusterVersion: 1, HadLapsed: true);
        await _keeper.RenewAsync();
        Assert.Equal((true, false), (subscriber.IsClosed, other.IsClosed));
        Assert.Equal(1, _edge.Sessions.Count);
    }

    private Task<LeaseReply> Answer(string way)
    {
        _asked.Add(way);
        try
        {
            return Task.FromResult(_answer(way));
        }
        catch (TimeoutException exception)
        {
            return Task.FromException<LeaseReply>(exception);
        }
    }
}
