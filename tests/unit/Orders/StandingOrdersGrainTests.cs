using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Orders;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Orders;

/// <summary>What all gateways are to do until further notice.</summary>
public sealed class StandingOrdersGrainTests : IAsyncDisposable
{
    private const int BansMax = 10_000;
    private const int TracesMax = 8;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly GrainHost _host = new();

    private IStandingOrdersGrain Grain => GrainOf(_host);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Orders_AtFirst_AreNone()
    {
        var orders = (await Grain.GetAsync(knownVersion: 0))!;
        Assert.Empty(orders.Bans);
        Assert.Empty(orders.Traces);
    }

    [Fact]
    public async Task Orders_ThatAreKnown_AreNotGivenAgain()
    {
        var known = (await Grain.GetAsync(knownVersion: 0))!;
        Assert.Null(await Grain.GetAsync(known.Version));
        await Grain.BanAsync(BanOf("a"));
        var next = (await Grain.GetAsync(known.Version))!;
        Assert.True(next.Version > known.Version);
        Assert.Equal(BanOf("a"), Assert.Single(next.Bans));
    }

    // It would be given once more, or lifted once more, for nothing.
    [Fact]
    public async Task Order_ThatAGatewayDoesNotTake_StandsAllTheSame()
    {
        var other = new FakeGateway();
        _host.Gateway.OnObey = static () => Task.FromException(new InvalidOperationException("A fault of the gateway."));
        var directory = _host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);
        await directory.RenewAsync(_host.Renewal("g1", 1, 0, _host.Observer));
        await directory.RenewAsync(_host.Renewal("g2", 1, 0, _host.Reference(other)));

        Assert.Null((await Grain.BanAsync(BanOf("a"))).Refusal);

        Assert.Equal(BanOf("a"), Assert.Single(Assert.Single(other.Orders).Bans));
    }

    [Fact]
    public async Task Order_WhileNobodyKnowsTheGateways_StandsAllTheSame()
    {
        _host.Leases.OnLoad = static () => Task.FromException(new IOException("The disk is gone."));

        Assert.Null((await Grain.BanAsync(BanOf("a"))).Refusal);
        Assert.Null((await Grain.LiftBanAsync("a")).Refusal);

        Assert.Empty((await Grain.GetAsync(knownVersion: 0))!.Bans);
    }

    [Fact]
    public async Task Orders_AfterEveryChange_AreToldToEveryGateway()
    {
        var other = new FakeGateway();
        var directory = _host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);
        await directory.RenewAsync(_host.Renewal("g1", 1, 0, _host.Observer, _host.Reference(new FakeGateway())));
        await directory.RenewAsync(_host.Renewal("g2", 1, 0, _host.Reference(other)));

        await Grain.BanAsync(BanOf("a"));
        await Grain.StartTraceAsync(Trace("t"));
        await Grain.LiftBanAsync("a");
        await Grain.StopTraceAsync("t");

        foreach (var gateway in new[] { _host.Gateway, other })
        {
            Assert.Equal(["1 0", "1 1", "0 1", "0 0"], gateway.Orders.Select(static orders => $"{orders.Bans.Length} {orders.Traces.Length}"));
            Assert.Equal(gateway.Orders.Select(static orders => orders.Version).Distinct().Order(), gateway.Orders.Select(static orders => orders.Version));
        }
    }

    [Fact]
    public async Task Refusal_IsToldToNoGateway()
    {
        await _host.Engine.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).RenewAsync(_host.Renewal("g1", 1, 0, _host.Observer));
        Assert.Equal(RefusalCode.NotFound, (await Grain.LiftBanAsync("none")).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await Grain.StopTraceAsync("none")).Refusal!.Code);
        Assert.Empty(_host.Gateway.Orders);
    }

    [Fact]
    public async Task Ban_OverAnEarlierOne_KeepsItsIdAndItsBeginning()
    {
        await Grain.BanAsync(BanOf("a"));
        await Grain.BanAsync(NetworkBan("n"));
        _host.Time.Advance(TimeSpan.FromSeconds(30));
        var later = BanOf("a") with { Id = "b", Reason = "again" };

        var ban = (await Grain.BanAsync(later)).Value!;

        Assert.Equal(later with { Id = "a", CreatedAt = later.CreatedAt.AddSeconds(-30) }, ban);
        Assert.Equal(["n", "a"], (await Grain.GetAsync(0))!.Bans.Select(static b => b.Id));
        Assert.Equal("n", (await Grain.BanAsync(NetworkBan("m"))).Value!.Id);
        Assert.Equal(RefusalCode.NotFound, (await Grain.LiftBanAsync("b")).Refusal!.Code);
        Assert.Equal("a", (await Grain.LiftBanAsync("a")).Value!.Id);
    }

    [Fact]
    public async Task Orders_EndWhenTheirTimeIsUp()
    {
        await Grain.BanAsync(BanOf("a"));
        await Grain.StartTraceAsync(Trace("t"));
        await Grain.BanAsync(NetworkBan("n") with { Until = _host.Time.GetUtcNow() + (2 * Minute) });
        _host.Time.Advance(Minute - TimeSpan.FromTicks(1));
        var before = (await Grain.GetAsync(0))!;
        Assert.Equal((2, 1), (before.Bans.Length, before.Traces.Length));

        _host.Time.Advance(TimeSpan.FromTicks(1));

        var after = (await Grain.GetAsync(before.Version))!;
        Assert.Equal(["n"], after.Bans.Select(static ban => ban.Id));
        Assert.Empty(after.Traces);
        var stored = await _host.Orders.LoadAsync();
        Assert.Equal((1, 0), (stored.Bans.Length, stored.Traces.Length));
    }

    // It is over, whether or not somebody has looked since.
    [Fact]
    public async Task Orders_WhoseTimeIsUp_CanNotBeTakenBack()
    {
        await Grain.BanAsync(BanOf("a"));
        await Grain.StartTraceAsync(Trace("t"));
        _host.Time.Advance(Minute);
        Assert.Equal(RefusalCode.NotFound, (await Grain.LiftBanAsync("a")).Refusal!.Code);
        Assert.Equal(RefusalCode.NotFound, (await Grain.StopTraceAsync("t")).Refusal!.Code);
    }

    [Fact]
    public async Task Ban_AfterAnEarlierOneIsOver_IsANewOne()
    {
        await Grain.BanAsync(BanOf("a"));
        _host.Time.Advance(Minute);
        Assert.Equal("b", (await Grain.BanAsync(BanOf("a") with { Id = "b" })).Value!.Id);
    }

    [Fact]
    public async Task Bans_BeyondTheMost_AreRefused_AndThoseOverEarlierOnesAreNot()
    {
        for (var i = 0; i < BansMax; i++)
        {
            await _host.Orders.SaveAsync(BanOf($"{i}"));
        }

        Assert.Equal(RefusalCode.ResourceExhausted, (await Grain.BanAsync(BanOf("one too many"))).Refusal!.Code);
        Assert.Equal("7", (await Grain.BanAsync(BanOf("7") with { Id = "x" })).Value!.Id);
        await Grain.LiftBanAsync("8");
        Assert.Null((await Grain.BanAsync(BanOf("there is room again"))).Refusal);
        Assert.Equal(BansMax, (await _host.Orders.LoadAsync()).Bans.Length);
    }

    [Fact]
    public async Task Traces_BeyondTheMost_AreRefused_UntilOneIsOver()
    {
        for (var i = 0; i < TracesMax; i++)
        {
            await Grain.StartTraceAsync(Trace($"{i}") with { Until = _host.Time.GetUtcNow() + (i == 3 ? Minute : 2 * Minute) });
        }

        Assert.Equal(RefusalCode.ResourceExhausted, (await Grain.StartTraceAsync(Trace("x"))).Refusal!.Code);
        _host.Time.Advance(Minute);
        Assert.Null((await Grain.StartTraceAsync(Trace("x"))).Refusal);
        Assert.Equal(RefusalCode.ResourceExhausted, (await Grain.StartTraceAsync(Trace("y"))).Refusal!.Code);
        await Grain.StopTraceAsync("x");
        Assert.Null((await Grain.StartTraceAsync(Trace("y"))).Refusal);
    }

    // A gateway takes no older orders for newer ones: what it knows is from the activation before.
    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-3_600)]
    public async Task Orders_OfANewActivation_AreThoseThatStood_AndNewerThanWhatGatewaysKnow(int clockMovedBySeconds)
    {
        await Grain.BanAsync(BanOf("a"));
        await Grain.StartTraceAsync(Trace("t"));
        await Grain.StartTraceAsync(Trace("u"));
        var known = (await Grain.GetAsync(0))!;
        await using var next = new GrainHost(_host);
        next.Time.SetUtcNow(next.Time.GetUtcNow().AddSeconds(clockMovedBySeconds));

        var orders = (await GrainOf(next).GetAsync(known.Version))!;

        Assert.True(orders.Version > known.Version, $"{orders.Version} is not above {known.Version}.");
        Assert.Equal(Assert.Single(known.Bans), Assert.Single(orders.Bans));
        Assert.Equal(known.Traces.Select(static trace => trace.Id), orders.Traces.Select(static trace => trace.Id).Order());
        Assert.Null(await GrainOf(next).GetAsync(orders.Version));
        await GrainOf(next).LiftBanAsync("a");
        Assert.True((await GrainOf(next).GetAsync(orders.Version))!.Version > orders.Version);
    }

    private static IStandingOrdersGrain GrainOf(GrainHost host) => host.Engine.GetGrain<IStandingOrdersGrain>(IStandingOrdersGrain.GrainKey);

    private Ban BanOf(string name) => new(name, new DeviceId("p", name), null, "", _host.Time.GetUtcNow(), _host.Time.GetUtcNow() + Minute);

    private Ban NetworkBan(string id) => new(id, null, "10.0.0.0/8", "", _host.Time.GetUtcNow(), _host.Time.GetUtcNow() + Minute);

    private TraceOrder Trace(string id) => new(id, "client", null, null, null, _host.Time.GetUtcNow(), _host.Time.GetUtcNow() + Minute);
}
