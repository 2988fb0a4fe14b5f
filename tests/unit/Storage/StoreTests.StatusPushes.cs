using IotPlatform.Devices;
using IotPlatform.StatusEvents;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <content>Pushes of status events.</content>
public abstract partial class StoreTests
{
    [SkippableFact]
    public async Task StatusPushes_KeepEveryField()
    {
        StoredStatusPush[] pushes =
        [
            Stored("p1"),
            new(
                new StatusPush("p2", "https://example.org/ü?a='\"\\🛰", new StatusEventFilter("product", "device", [MessageStatus.Failed, MessageStatus.TimedOut]), "secret '\"\\ ü🛰", Start.AddTicks(10)),
                new StatusEventPosition(long.MaxValue, long.MaxValue, StatusEventPosition.WholePage),
                Start.AddDays(1),
                "It answered 503. '\"\\ ü🛰"),
        ];
        foreach (var push in pushes)
        {
            await host.StatusPushes.AddAsync(push);
        }

        await host.ReopenAsync();
        var loaded = (await host.StatusPushes.LoadAsync()).OrderBy(static push => push.Push.Id).ToArray();
        Assert.Equal(2, loaded.Length);
        for (var i = 0; i < pushes.Length; i++)
        {
            AssertSame(pushes[i], loaded[i]);
            AssertSame(pushes[i], await host.StatusPushes.FindAsync(pushes[i].Push.Id));
        }
    }

    [SkippableFact]
    public async Task StatusPush_Updated_IsWhereItHasComeTo_AndNoOther()
    {
        await host.StatusPushes.AddAsync(Stored("p1"));
        await host.StatusPushes.AddAsync(Stored("p2"));
        var parked = Stored("p1") with { Position = new StatusEventPosition(1, 2, 3), ParkedAt = Start.AddSeconds(1), Failure = "why" };
        await host.StatusPushes.UpdateAsync(parked);
        await host.ReopenAsync();
        AssertSame(parked, await host.StatusPushes.FindAsync("p1"));
        AssertSame(Stored("p2"), await host.StatusPushes.FindAsync("p2"));

        var resumed = parked with { ParkedAt = null, Failure = null };
        await host.StatusPushes.UpdateAsync(resumed);
        AssertSame(resumed, await host.StatusPushes.FindAsync("p1"));
    }

    [SkippableFact]
    public async Task StatusPush_Deleted_IsNotThere_AndDoesNotComeBack()
    {
        await host.StatusPushes.AddAsync(Stored("p1"));
        await host.StatusPushes.AddAsync(Stored("p2"));
        await host.StatusPushes.DeleteAsync("none");
        await host.StatusPushes.DeleteAsync("p1");
        await host.StatusPushes.UpdateAsync(Stored("p1"));
        await host.ReopenAsync();
        Assert.Null(await host.StatusPushes.FindAsync("p1"));
        Assert.Null(await host.StatusPushes.FindAsync("no\0ne"));
        Assert.Equal("p2", Assert.Single(await host.StatusPushes.LoadAsync()).Push.Id);
    }

    private static StoredStatusPush Stored(string id) =>
        new(new StatusPush(id, "http://example.org/", StatusEventFilter.All, "0123456789abcdef", Start), new StatusEventPosition(0, 7, 1), ParkedAt: null, Failure: null);

    // Arrays are equal when they are the same one.
    private static void AssertSame(StoredStatusPush expected, StoredStatusPush? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected.Push.Filter.Statuses.AsEnumerable(), found.Push.Filter.Statuses);
        var filter = found.Push.Filter with { Statuses = expected.Push.Filter.Statuses };
        Assert.Equal(expected, found with { Push = found.Push with { Filter = filter } });
    }
}
