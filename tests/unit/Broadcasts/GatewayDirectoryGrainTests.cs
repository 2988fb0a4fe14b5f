using System.Collections.Immutable;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>Which gateways are alive.</summary>
public sealed class GatewayDirectoryGrainTests : IAsyncDisposable
{
    private readonly GrainHost _host = new();

    private static TimeSpan LeaseTime => IGatewayDirectoryGrain.LeaseTime;

    private IGatewayDirectoryGrain Grain => GrainOf(_host);

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
        await PassAsync(_host, TimeSpan.FromSeconds(6));
        await RenewAsync("b");
        await PassAsync(_host, TimeSpan.FromSeconds(4) - TimeSpan.FromTicks(1));
        Assert.Equal(["a", "b"], await NamesAsync());
        await PassAsync(_host, TimeSpan.FromTicks(1));
        Assert.Equal(["b"], await NamesAsync());
    }

    // A process that was stopped for a while has heard nobody, and must neither list nor save that all are gone.
    [Fact]
    public async Task Lease_ThatLapsedWhileNobodyCouldBeHeard_HasNotLapsed()
    {
        await RenewAsync("a");
        await PassAsync(_host, TimeSpan.FromSeconds(4));
        _host.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(["a"], await NamesAsync());
        await PassAsync(_host, TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.Equal(["a"], await NamesAsync());
        _host.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task Lease_ThatIsRenewed_Stays()
    {
        for (var i = 0; i < 10; i++)
        {
            await RenewAsync("a");
            await PassAsync(_host, TimeSpan.FromSeconds(9));
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
        await PassAsync(_host, TimeSpan.FromSeconds(15));
        await NoteAsync();
        Assert.Equal(versions[0], versions[1]);
        Assert.Equal(versions.Skip(1).Distinct().Order(), versions.Skip(1));

        async Task NoteAsync() => versions.Add((await Grain.ListAsync()).Version);
    }

    [Fact]
    public async Task Renewal_IsAnsweredWithTheList_OnlyWhereItHasChanged()
    {
        var first = await RenewAsync("a");
        var known = first.List!.Version;
        Assert.Equal("a", Assert.Single(first.List.Gateways).Gateway.Value);
        Assert.Null((await RenewAsync("a", knownVersion: known)).List);

        await RenewAsync("b");
        var changed = (await RenewAsync("a", knownVersion: known)).List!;
        Assert.Equal(["a", "b"], changed.Gateways.Select(static g => g.Gateway.Value));
        Assert.True(changed.Version > known);
    }

    [Fact]
    public async Task Renewal_TellsTheVersionOfTheCluster()
    {
        _host.Cluster.Current = 7;
        Assert.Equal(7, (await RenewAsync("a")).ClusterVersion);
        _host.Cluster.Current = 8;
        Assert.Equal(8, (await RenewAsync("a", knownVersion: 1)).ClusterVersion);
    }

    [Fact]
    public async Task Draining_IsAChange_AndBelongsToTheStatus()
    {
        var known = (await RenewAsync("a")).List!.Version;
        var renewal = _host.Renewal("a", 1, known, _host.Observer);
        var reply = await Grain.RenewAsync(renewal with { Lease = renewal.Lease with { IsDraining = true } });
        Assert.True(Assert.Single(reply.List!.Gateways).IsDraining);
        Assert.True(Assert.Single((await Grain.StatusAsync()).Gateways).Lease.IsDraining);
    }

    [Fact]
    public async Task Lapse_IsToldToAGatewayThatHadBeenListed_AndToNoOther()
    {
        Assert.False((await RenewAsync("a")).HadLapsed);
        await PassAsync(_host, LeaseTime - TimeSpan.FromTicks(1));
        Assert.False((await RenewAsync("a", knownVersion: 1)).HadLapsed);
        await PassAsync(_host, LeaseTime);
        Assert.True((await RenewAsync("a", knownVersion: 1)).HadLapsed);
        Assert.False((await RenewAsync("a", knownVersion: 1)).HadLapsed);

        // A process that starts has nothing that could have become void.
        await PassAsync(_host, LeaseTime);
        Assert.False((await RenewAsync("a", epoch: 2)).HadLapsed);
    }

    [Fact]
    public async Task Status_TellsWhatEachSaidLast_InTheOrderOfTheirNames()
    {
        await Grain.RenewAsync(_host.Renewal("b") with { Connections = 5 });
        await Grain.RenewAsync(_host.Renewal("a") with { Connections = 1 });
        var firstRenewal = _host.Time.GetUtcNow();
        await PassAsync(_host, TimeSpan.FromSeconds(2));
        await Grain.RenewAsync(_host.Renewal("b") with { Connections = 6 });

        var status = await Grain.StatusAsync();
        Assert.Equal((await Grain.ListAsync()).Version, status.Version);
        Assert.Equal(
            [("a", 1, firstRenewal), ("b", 6, _host.Time.GetUtcNow())],
            status.Gateways.Select(static g => (g.Lease.Gateway.Value, g.Connections, g.RenewedAt)));

        await PassAsync(_host, LeaseTime - TimeSpan.FromSeconds(1));
        Assert.Equal("b", Assert.Single((await Grain.StatusAsync()).Gateways).Lease.Gateway.Value);
    }

    [Fact]
    public async Task NewActivation_BeginsWithTheGatewaysThatWereThere_AndGivesThemALease()
    {
        await RenewAsync("a");
        await RenewAsync("b", epoch: 3);
        var before = await Grain.ListAsync();

        // Its silo is lost; the gateways come back one after the other.
        await PassAsync(_host, TimeSpan.FromSeconds(9));
        await using var next = new GrainHost(_host);
        Assert.Equal([("a", 1L), ("b", 3L)], (await GrainOf(next).ListAsync()).Gateways.Select(static g => (g.Gateway.Value, g.Epoch)));
        var reply = await GrainOf(next).RenewAsync(next.Renewal("b", 3, before.Version, next.Observer));
        Assert.False(reply.HadLapsed);
        Assert.True(reply.List!.Version > before.Version);

        await PassAsync(next, LeaseTime - TimeSpan.FromTicks(1));
        Assert.Equal(2, (await GrainOf(next).ListAsync()).Gateways.Length);
        await PassAsync(next, TimeSpan.FromTicks(1));
        Assert.Empty((await GrainOf(next).ListAsync()).Gateways);
    }

    [Fact]
    public async Task NewActivation_WithoutAGatewayThatItsStoreHadNotHeardOf_TellsItThatItHadLapsed()
    {
        _host.Leases.OnSave = static () => Task.FromException(new IOException("The disk is full."));
        var known = (await RenewAsync("a")).List!.Version;
        await PassAsync(_host, TimeSpan.FromSeconds(1));
        await using var next = new GrainHost(_host);
        var reply = await GrainOf(next).RenewAsync(next.Renewal("a", 1, known));
        Assert.True(reply.HadLapsed);
        Assert.Equal("a", Assert.Single(reply.List!.Gateways).Gateway.Value);
    }

    [Fact]
    public async Task Changes_AreSaved_AndNothingElse()
    {
        await RenewAsync("a");
        await RenewAsync("a");
        Assert.Equal((1, "a"), (_host.Leases.Saves, Assert.Single(_host.Leases.Saved).Gateway.Value));
        await RenewAsync("b");
        await Grain.LeaveAsync(new GatewayId("a"), 1);
        await Grain.LeaveAsync(new GatewayId("a"), 1);
        Assert.Equal((3, "b"), (_host.Leases.Saves, Assert.Single(_host.Leases.Saved).Gateway.Value));

        await PassAsync(_host, LeaseTime);
        await Grain.ListAsync();
        Assert.Equal((4, 0), (_host.Leases.Saves, _host.Leases.Saved.Length));
    }

    [Fact]
    public async Task Save_ThatIsUnderWay_HoldsNobodyUp_AndWhatChangedMeanwhileIsSavedBehindIt()
    {
        var disk = new TaskCompletionSource();
        _host.Leases.OnSave = () => disk.Task;
        await RenewAsync("a").InTimeAsync();
        await RenewAsync("b").InTimeAsync();
        Assert.Equal(["a", "b"], await NamesAsync().InTimeAsync());
        Assert.Equal((1, 0), (_host.Leases.Saves, _host.Leases.Saved.Length));

        disk.SetResult();
        await Patience.UntilAsync(() => _host.Leases.Saved.Length == 2);
        Assert.Equal(2, _host.Leases.Saves);
    }

    [Fact]
    public async Task StoreThatFails_EndsNoLease_AndIsTriedAgainWithEachRenewal()
    {
        _host.Leases.OnSave = static () => Task.FromException(new IOException("The disk is full."));
        await RenewAsync("a");
        var tried = _host.Leases.Saves;
        await RenewAsync("a");
        Assert.Equal(["a"], await NamesAsync());
        Assert.Equal(tried + 1, _host.Leases.Saves);

        _host.Leases.OnSave = static () => Task.CompletedTask;
        await RenewAsync("a");
        Assert.Equal((tried + 2, "a"), (_host.Leases.Saves, Assert.Single(_host.Leases.Saved).Gateway.Value));
        await RenewAsync("a");
        Assert.Equal(tried + 2, _host.Leases.Saves);
    }

    [Fact]
    public async Task StoreThatCanNotBeRead_RefusesTheCall_AndTheNextOneReadsAgain()
    {
        _host.Leases.OnLoad = static () => throw new IOException("The disk is away.");
        await Assert.ThrowsAsync<IOException>(() => RenewAsync("a"));
        _host.Leases.OnLoad = static () => Task.CompletedTask;
        await RenewAsync("a");
        Assert.Equal(["a"], await NamesAsync());
    }

    /// <summary>Time passes, in which silos ask every second.</summary>
    private static async Task PassAsync(GrainHost host, TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            host.Time.Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            await GrainOf(host).ListAsync();
        }
    }

    private static IGatewayDirectoryGrain GrainOf(GrainHost host) => host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);

    private async Task<string[]> NamesAsync() => [.. (await Grain.ListAsync()).Gateways.Select(static g => g.Gateway.Value)];

    private Task<LeaseReply> RenewAsync(string gateway, long epoch = 1, IGatewayObserver? shard = null, long knownVersion = 0)
    {
        ImmutableArray<IGatewayObserver> shards = shard is null ? [_host.Observer] : [shard];
        return Grain.RenewAsync(_host.Renewal(gateway, epoch, knownVersion, shards));
    }
}
