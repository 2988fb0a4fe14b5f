using System.Collections.Immutable;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>Which gateways are alive.</summary>
public sealed class GatewayDirectoryGrainTests : IAsyncDisposable
{
    private readonly GrainHost _host = new();

    private IGatewayDirectoryGrain Grain => _host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Gateways_AreListedByTheirNames()
    {
        await RenewAsync("b");
        await RenewAsync("a");
        Assert.Equal(["a", "b"], await NamesAsync());
    }

    [Fact]
    public async Task Lease_ThatIsNotRenewed_Lapses()
    {
        await RenewAsync("a");
        _host.Time.Advance(TimeSpan.FromSeconds(6));
        await RenewAsync("b");
        _host.Time.Advance(TimeSpan.FromSeconds(4) - TimeSpan.FromTicks(1));
        Assert.Equal(["a", "b"], await NamesAsync());
        _host.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["b"], await NamesAsync());
    }

    [Fact]
    public async Task Lease_ThatIsRenewed_Stays()
    {
        for (var i = 0; i < 10; i++)
        {
            await RenewAsync("a");
            _host.Time.Advance(TimeSpan.FromSeconds(9));
        }

        Assert.Equal(["a"], await NamesAsync());
    }

    [Fact]
    public async Task NewerEpoch_ReplacesTheOlder_AndTheOlderComesTooLate()
    {
        var newer = _host.Reference(new FakeGateway());
        await RenewAsync("a", epoch: 1);
        await RenewAsync("a", epoch: 2, newer);
        await RenewAsync("a", epoch: 1);
        await Grain.LeaveAsync(new GatewayId("a"), 1);
        var lease = Assert.Single((await Grain.ListAsync()).Gateways);
        Assert.Equal((2L, newer), (lease.Epoch, Assert.Single(lease.Shards)));
    }

    [Fact]
    public async Task Leave_RemovesTheGateway()
    {
        await RenewAsync("a");
        await Grain.LeaveAsync(new GatewayId("a"), 1);
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task Version_GrowsWithEveryChange_AndOnlyThen()
    {
        var versions = new List<long>();
        await RenewAsync("a");
        await NoteAsync();
        await RenewAsync("a");
        await NoteAsync();
        await RenewAsync("b");
        await NoteAsync();
        await Grain.LeaveAsync(new GatewayId("b"), 1);
        await NoteAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(15));
        await NoteAsync();
        Assert.Equal(versions[0], versions[1]);
        Assert.Equal(versions.Skip(1).Distinct().Order(), versions.Skip(1));

        async Task NoteAsync() => versions.Add((await Grain.ListAsync()).Version);
    }

    private async Task<string[]> NamesAsync() => [.. (await Grain.ListAsync()).Gateways.Select(static g => g.Gateway.Value)];

    private Task<LeaseReply> RenewAsync(string gateway, long epoch = 1, IGatewayObserver? shard = null)
    {
        ImmutableArray<IGatewayObserver> shards = shard is null ? [_host.Observer] : [shard];
        return Grain.RenewAsync(_host.Renewal(gateway, epoch, 0, shards));
    }
}
