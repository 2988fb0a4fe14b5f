using System.Collections.Concurrent;
using System.Diagnostics;
using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Storage;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>The server goes away and comes back: nothing that was called durable is missing, nobody waits longer than he must, nothing has to be restarted.</summary>
public sealed class PostgresOutageTests(PostgresFixture fixture) : PostgresTest(new PostgresHost(fixture))
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BroadcastReceipt Receipt = new("p", 1, null, 0, 1, default, Start, null, BroadcastStatus.Completed, null, 0, null, []);

    private static readonly DeviceId Device = new("p", "d");

    // Five seconds, and something for a busy machine.
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(6.5);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_ThatEndsUnderWrites_LosesNothingThatWasCalledDurable(bool isCrash)
    {
        using var enough = new CancellationTokenSource();
        var (messages, devices) = (new ConcurrentBag<DeviceMessage>(), new ConcurrentBag<DeviceId>());
        var callers = Enumerable.Range(0, 32).Select(i => Task.Run(() => i % 2 == 0
            ? RepeatAsync(
                async number =>
                {
                    var message = Message(number) with { Device = new DeviceId("p", $"d{i}") };
                    Assert.True(await Host.Messages.TryAppendAsync(message), "The id is nobody else's.");
                    messages.Add(message);
                },
                i,
                enough.Token)
            : RepeatAsync(
                async number =>
                {
                    var device = new DeviceId("q", $"d{number}");
                    Assert.True(await Host.Registry.TryAddDevicesAsync([new DeviceRegistration(device, "", true, Start)]) is null, "The name is nobody else's.");
                    devices.Add(device);
                },
                i,
                enough.Token))).ToArray();
        for (var round = 1; round <= 3; round++)
        {
            var (messagesBefore, devicesBefore) = (messages.Count, devices.Count);
            await Patience.UntilAsync(() => messages.Count > messagesBefore + 300 && devices.Count > devicesBefore + 300);
            await fixture.Server.StopAsync(isCrash);
            await fixture.Server.StartAsync();
        }

        var before = messages.Count;
        await Patience.UntilAsync(() => messages.Count > before + 300);
        await enough.CancelAsync();
        await Task.WhenAll(callers).InTimeAsync();
        foreach (var message in messages)
        {
            Assert.Equal(message.Sequence, (await Host.Messages.FindAsync(message.Device, message.MessageId))?.Sequence);
        }

        Assert.All(await Task.WhenAll(devices.Select(device => Host.Registry.FindDeviceAsync(device))), Assert.NotNull);
    }

    [SkippableFact]
    public async Task Server_ThatIsAway_FailsCallsInTime_AndIsFoundAgain()
    {
        await Host.Messages.TryAppendAsync(Message(1));
        await fixture.Server.StopAsync(isCrash: false);
        try
        {
            await Task.WhenAll(AllCalls().Select(FailsInTimeAsync));
        }
        finally
        {
            await fixture.Server.StartAsync();
        }

        Assert.True(await Host.Messages.TryAppendAsync(Message(2)).InTimeAsync());
        Assert.Equal(2, (await Host.Messages.LoadOpenAsync(Device)).Length);
    }

    [SkippableFact]
    public async Task Server_ThatIsAwayForAMoment_FailsNoCall()
    {
        await Host.Messages.TryAppendAsync(Message(1));
        await fixture.Server.StopAsync(isCrash: false);
        var calls = AllCalls().Select(static call => call()).ToArray();
        await fixture.Server.StartAsync();
        await Task.WhenAll(calls).InTimeAsync();
    }

    // Connections stay open, and are even made; nobody answers.
    [SkippableFact]
    public async Task Server_ThatHangs_FailsCallsInTime_AndIsUsedAgain()
    {
        await Host.Messages.TryAppendAsync(Message(1));
        fixture.Server.Freeze();
        try
        {
            await Task.WhenAll(AllCalls().Select(FailsInTimeAsync));

            // Those that come now find the connections hanging that the earlier ones have left.
            await Task.WhenAll(AllCalls().Select(FailsInTimeAsync));
        }
        finally
        {
            fixture.Server.Thaw();
        }

        Assert.True(await Host.Messages.TryAppendAsync(Message(3)).InTimeAsync());
        Assert.NotNull(await Host.Messages.FindAsync(Device, "m3"));
    }

    private List<Func<Task>> AllCalls() =>
    [
        () => Host.Messages.TryAppendAsync(Message(2)),
        () => Host.Messages.UpdateAsync(Device, "m1", MessageProgress.Accepted),
        () => Host.Messages.LoadOpenAsync(Device).AsTask(),
        () => Host.Messages.FindAsync(Device, "m1"),
        () => Host.Messages.ListAsync(Device, new ListDeviceMessages(null, 10, null)),
        () => Host.Messages.FindExpiredAsync(Start, 10),
        () => Host.Messages.DeleteFinishedAsync(Start, 10),
        () => Host.Registry.FindProductAsync("p"),
        () => Host.Registry.TryAddProductAsync(new ProductView("p", "", true, false, Start, [])),
        () => Host.Registry.SetProductEnabledAsync("p", true),
        () => Host.Registry.TryDeleteProductAsync("p"),
        () => Host.Registry.ListProductsAsync(new PageRequest(10, null)),
        () => Host.Registry.FindDeviceAsync(Device),
        () => Host.Registry.TryAddDevicesAsync([new DeviceRegistration(Device, "", true, Start)]),
        () => Host.Registry.UpdateDeviceAsync(new DeviceRegistration(Device, "", true, Start)),
        () => Host.Registry.DeleteDeviceAsync(Device),
        () => Host.Registry.ListDevicesAsync("p", new PageRequest(10, null)),
        () => Host.Broadcasts.SaveAsync(Receipt),
        () => Host.Broadcasts.SaveAsync(new LastingBroadcast(Receipt, new BroadcastMessage(1, "p", null, 1, default), [])),
        () => Host.Broadcasts.FindAsync("p", 1),
        () => Host.Broadcasts.FindLastingAsync("p", 1),
        () => Host.Broadcasts.ListAsync("p", null, 10),
        () => Host.Broadcasts.FindRunningAsync("p"),
        () => Host.Broadcasts.FindRunningProductsAsync(),
        () => Host.Broadcasts.NoteAsync(1, [new DeviceNote("d", HasAcknowledged: false)]),
        () => Host.Broadcasts.ListUnacknowledgedAsync(1, null, 10),
        () => Host.Broadcasts.AddReachedAsync(1, 0, [1]),
        () => Host.Broadcasts.LoadReachedAsync(1, 0),
        () => Host.Broadcasts.DeleteOldAsync(Start, 10),
        () => Host.Broadcasts.DeleteBeyondAsync(1, 10),
        () => Host.Retained.SetAsync(1, new("t", new byte[] { 1 }, 0, default, Start, null)),
        () => Host.Retained.RemoveAsync(1, "t"),
        () => Host.Retained.LoadAsync(1),
    ];

    private static async Task FailsInTimeAsync(Func<Task> call)
    {
        var clock = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => call().InTimeAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(3.5), CallMax);
        Assert.Null(failure.InnerException);
    }

    /// <summary>Calls again and again; what can not be made durable now is no error, anything else is.</summary>
    private static async Task RepeatAsync(Func<int, Task> call, int caller, CancellationToken enough)
    {
        for (var i = 1; !enough.IsCancellationRequested; i++)
        {
            var clock = Stopwatch.StartNew();
            try
            {
                await call((caller * 10_000_000) + i);
            }
            catch (StoreUnavailableException)
            {
                // Nobody has said that it is durable.
            }

            Assert.InRange(clock.Elapsed, TimeSpan.Zero, CallMax);
        }
    }

    private static DeviceMessage Message(int sequence) => new(
        Device, $"m{sequence}", sequence, "", new byte[] { 1 }, "t", false, 1, Start, Start.AddDays(1), MessageProgress.Accepted);
}
