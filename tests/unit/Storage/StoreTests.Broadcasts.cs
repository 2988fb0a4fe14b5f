using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

/// <content>Broadcasts.</content>
public abstract partial class StoreTests
{
    private static readonly BroadcastTally FullTally = new(1L << 40, 2, 3, 4, 5, 6, 7, 8);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Receipt_KeepsEveryField(bool isFull)
    {
        var receipt = isFull ? FullReceipt(long.MaxValue) : Receipt(long.MaxValue);
        await host.Broadcasts.SaveAsync(receipt);
        await host.ReopenAsync();
        Assert.Equal(receipt, await host.Broadcasts.FindAsync("p", long.MaxValue));
        Assert.Null(await host.Broadcasts.FindAsync("other", long.MaxValue));
    }

    [SkippableFact]
    public async Task Receipt_SavedAgain_ReplacesTheEarlier()
    {
        var receipt = Receipt(1);
        await host.Broadcasts.SaveAsync(receipt);
        receipt = receipt with { Tally = new BroadcastTally(5, 5, 0, 0), CompletedAt = Start.AddSeconds(9), Status = BroadcastStatus.Cancelled };
        await host.Broadcasts.SaveAsync(receipt);
        Assert.Equal(receipt, await host.Broadcasts.FindAsync("p", 1));
    }

    [SkippableFact]
    public async Task LastingBroadcast_KeepsEveryField_AndTheReceiptThatWasSavedLast()
    {
        var receipt = FullReceipt(7);
        var message = new BroadcastMessage(
            7, "p", "/broadcast/p/\u00fc", 1, new byte[] { 0, 255 }, receipt.Filter, new byte[] { 3, 0, 1, 65 }, Start.AddSeconds(5), receipt.ExpiresAt, receipt.MaxRate);
        await host.Broadcasts.SaveAsync(new LastingBroadcast(receipt, message, receipt.Gateways));
        var later = receipt with { Tally = FullTally with { Late = 99 } };
        await host.Broadcasts.SaveAsync(later);
        await host.ReopenAsync();

        var stored = await host.Broadcasts.FindLastingAsync("p", 7);
        Assert.Equal(later, stored!.Receipt);
        Assert.Equal(receipt.Gateways.AsEnumerable(), stored.Before);
        Assert.Equal(message.Payload.ToArray(), stored.Message.Payload.ToArray());
        Assert.Equal(message.Properties.ToArray(), stored.Message.Properties.ToArray());
        Assert.Equal(message with { Payload = default, Properties = default }, stored.Message with { Payload = default, Properties = default });
        Assert.Null(await host.Broadcasts.FindLastingAsync("other", 7));
        Assert.Null(await host.Broadcasts.FindLastingAsync("p", 8));
    }

    [SkippableFact]
    public async Task LastingBroadcasts_ThatRun_AreFoundByTheirProduct()
    {
        await SaveLastingAsync(Receipt(1) with { Status = BroadcastStatus.Running, CompletedAt = null });
        await SaveLastingAsync(Receipt(2));
        await SaveLastingAsync(Receipt(3) with { Status = BroadcastStatus.Cancelled });
        await SaveLastingAsync(Receipt(4) with { Status = BroadcastStatus.Running, ProductKey = "q" });
        Assert.Equal([1L], (await host.Broadcasts.FindRunningAsync("p")).Select(static b => b.Message.MessageId));
        Assert.Equal(["p", "q"], (await host.Broadcasts.FindRunningProductsAsync()).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Receipts_AreListedByProduct_TheNewestFirst()
    {
        for (var i = 1; i <= 4; i++)
        {
            await host.Broadcasts.SaveAsync(Receipt(i));
        }

        await host.Broadcasts.SaveAsync(Receipt(9) with { ProductKey = "other" });
        Assert.Equal([4L, 3], (await host.Broadcasts.ListAsync("p", null, 2)).Select(static r => r.MessageId));
        Assert.Equal([2L, 1], (await host.Broadcasts.ListAsync("p", 3, 10)).Select(static r => r.MessageId));
    }

    [SkippableFact]
    public async Task Devices_ThatHaveNotAcknowledged_AreListedInTheOrderOfTheirNames_UntilTheyHave()
    {
        await host.Broadcasts.NoteAsync(1, [Missing("b"), Missing("a"), Missing("B"), Missing("c"), Missing("b")]);
        await host.Broadcasts.NoteAsync(2, [Missing("x")]);
        Assert.Equal(["B", "a"], (await host.Broadcasts.ListUnacknowledgedAsync(1, null, 2)).AsEnumerable());
        Assert.Equal(["b", "c"], (await host.Broadcasts.ListUnacknowledgedAsync(1, "a", 9)).AsEnumerable());

        // The last word counts, also within one call.
        await host.Broadcasts.NoteAsync(1, [Found("a"), Found("b"), Missing("b"), Missing("d"), Found("d"), Found("none")]);
        await host.ReopenAsync();
        Assert.Equal(["B", "b", "c"], (await host.Broadcasts.ListUnacknowledgedAsync(1, null, 9)).AsEnumerable());

        static DeviceNote Missing(string name) => new(name, HasAcknowledged: false);

        static DeviceNote Found(string name) => new(name, HasAcknowledged: true);
    }

    [SkippableFact]
    public async Task Devices_ThatABroadcastHasReached_AreKeptByTheirParts()
    {
        await host.Broadcasts.AddReachedAsync(1, 0, [ulong.MaxValue, 0]);
        await host.Broadcasts.AddReachedAsync(1, 0, [7]);
        await host.Broadcasts.AddReachedAsync(1, 1, [8]);
        await host.Broadcasts.AddReachedAsync(2, 0, [9]);
        await host.ReopenAsync();
        Assert.Equal([0UL, 7, ulong.MaxValue], (await host.Broadcasts.LoadReachedAsync(1, 0)).Order().ToArray());
        Assert.Empty(await host.Broadcasts.LoadReachedAsync(3, 0));
    }

    [SkippableFact]
    public async Task Broadcasts_AreDeletedInBoundedBatches_WithAllThatIsKeptOfThem()
    {
        for (var i = 1; i <= 5; i++)
        {
            await SaveLastingAsync(Receipt(i));
            await host.Broadcasts.NoteAsync(i, [new DeviceNote("d", HasAcknowledged: false)]);
            await host.Broadcasts.AddReachedAsync(i, 0, [1]);
        }

        await SaveLastingAsync(Receipt(6) with { CreatedAt = Start, Status = BroadcastStatus.Running });
        Assert.Equal(2, await host.Broadcasts.DeleteOldAsync(Start.AddSeconds(4), 2));
        Assert.Equal(1, await host.Broadcasts.DeleteOldAsync(Start.AddSeconds(4), 2));
        Assert.Equal(0, await host.Broadcasts.DeleteOldAsync(Start.AddSeconds(4), 2));
        Assert.Equal([6L, 5, 4], (await host.Broadcasts.ListAsync("p", null, 10)).Select(static r => r.MessageId));
        Assert.Null(await host.Broadcasts.FindLastingAsync("p", 3));
        Assert.Empty(await host.Broadcasts.ListUnacknowledgedAsync(3, null, 1));
        Assert.Empty(await host.Broadcasts.LoadReachedAsync(3, 0));
        Assert.Single(await host.Broadcasts.ListUnacknowledgedAsync(4, null, 1));
        Assert.Single(await host.Broadcasts.LoadReachedAsync(4, 0));
    }

    [SkippableFact]
    public async Task Receipts_BeyondTheirNumber_AreDeletedByProduct_TheOldestFirst()
    {
        for (var i = 1; i <= 5; i++)
        {
            await host.Broadcasts.SaveAsync(Receipt(i));
        }

        await host.Broadcasts.SaveAsync(Receipt(6) with { ProductKey = "other" });
        Assert.Equal(2, await host.Broadcasts.DeleteBeyondAsync(kept: 2, limit: 2));
        Assert.Equal(1, await host.Broadcasts.DeleteBeyondAsync(kept: 2, limit: 2));
        Assert.Equal(0, await host.Broadcasts.DeleteBeyondAsync(kept: 2, limit: 2));
        Assert.Equal([5L, 4], (await host.Broadcasts.ListAsync("p", null, 10)).Select(static r => r.MessageId));
        Assert.NotNull(await host.Broadcasts.FindAsync("other", 6));
    }

    private static BroadcastReceipt Receipt(long id) =>
        new("p", id, null, 0, 1, default, Start.AddSeconds(Math.Min(id, 1_000)), null, BroadcastStatus.Completed, null, 0, null, []);

    private static BroadcastReceipt FullReceipt(long id) => new(
        "p", id, "/broadcast/p/\u00fc", 1, 65_536, FullTally, Start, Start.AddSeconds(1), BroadcastStatus.Running,
        new BroadcastFilter("dev-", [new DeviceTag("ring", "canary \u00fc")]), 1_000, Start.AddDays(1),
        [new GatewayTally(new GatewayId("g-1"), FullTally), new GatewayTally(new GatewayId("g-2"), default)]);

    private Task SaveLastingAsync(BroadcastReceipt receipt) =>
        host.Broadcasts.SaveAsync(new LastingBroadcast(receipt, new BroadcastMessage(receipt.MessageId, receipt.ProductKey, null, 1, new byte[] { 1 }), []));
}
