using IotPlatform.Orders;

namespace IotPlatform.Unit.Tests.Storage;

/// <content>Standing orders.</content>
public abstract partial class StoreTests
{
    [SkippableFact]
    public async Task StandingOrders_KeepEveryField()
    {
        Ban[] bans =
        [
            new("b1", Device, null, "Gründe: '\"\\ 🛰", Start, Start.AddDays(366)),
            new("b2", null, "2001:db8::/32", "", Start, Start.AddTicks(TimeSpan.TicksPerSecond + 1)),
        ];
        TraceOrder[] traces =
        [
            new("t1", "client ü", null, null, null, Start, Start.AddHours(1)),
            new("t2", null, Device, null, null, Start, Start.AddHours(1)),
            new("t3", null, null, "10.0.0.0/8", null, Start, Start.AddHours(1)),
            new("t4", null, null, null, "/a/+/ü/#", Start, Start.AddHours(1)),
        ];
        foreach (var ban in bans)
        {
            await host.Orders.SaveAsync(ban);
        }

        foreach (var trace in traces)
        {
            await host.Orders.SaveAsync(trace);
        }

        await host.ReopenAsync();
        var loaded = await host.Orders.LoadAsync();
        Assert.Equal(bans, loaded.Bans.OrderBy(static ban => ban.Id));
        Assert.Equal(traces, loaded.Traces.OrderBy(static trace => trace.Id));
    }

    [SkippableFact]
    public async Task StandingOrder_SavedAgain_ReplacesTheEarlier()
    {
        var ban = new Ban("b", Device, null, "first", Start, Start.AddDays(1));
        await host.Orders.SaveAsync(ban);
        ban = ban with { Reason = "second", Until = Start.AddDays(2) };
        await host.Orders.SaveAsync(ban);
        Assert.Equal(ban, Assert.Single((await host.Orders.LoadAsync()).Bans));
    }

    [SkippableFact]
    public async Task StandingOrders_CanBeDeleted_EachByItself()
    {
        await host.Orders.SaveAsync(new Ban("b", Device, null, "", Start, Start.AddDays(1)));
        await host.Orders.SaveAsync(new TraceOrder("t", "c", null, null, null, Start, Start.AddDays(1)));
        await host.Orders.DeleteAsync("none");
        await host.Orders.DeleteAsync("b");
        var left = await host.Orders.LoadAsync();
        Assert.Empty(left.Bans);
        Assert.Equal("t", Assert.Single(left.Traces).Id);
        await host.Orders.DeleteAsync("t");
        Assert.Empty((await host.Orders.LoadAsync()).Traces);
    }

    [SkippableFact]
    public async Task StandingOrders_WhereThereAreNone_AreNone()
    {
        var orders = await host.Orders.LoadAsync();
        Assert.Empty(orders.Bans);
        Assert.Empty(orders.Traces);
    }
}
