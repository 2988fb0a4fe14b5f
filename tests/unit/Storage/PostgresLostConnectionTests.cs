using System.Net;
using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Storage;
using IotPlatform.Unit.Tests.Time;
using Npgsql;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>A connection that is lost in the middle of a batch: each write is made once, and its caller told the truth.</summary>
public sealed class PostgresLostConnectionTests(PostgresFixture fixture) : PostgresTest(new PostgresHost(fixture))
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId Device = new("p", "d");

    private LosingProxy? _proxy;

    public override async Task InitializeAsync()
    {
        Host.Route = connectionString =>
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            _proxy ??= new LosingProxy(new IPEndPoint(IPAddress.Loopback, settings.Port));
            settings.Port = _proxy.Port;
            return settings.ConnectionString;
        };
        await base.InitializeAsync();
        await Host.Messages.TryAppendAsync(Message(1));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }
    }

    // The commit reached the server, or did not, or not even the statements did. A transaction begins as READ COMMITTED; the zero ends a statement.
    [SkippableTheory]
    [InlineData("COMMIT\0", true)]
    [InlineData("COMMIT\0", false)]
    [InlineData("BEGIN", true)]
    [InlineData("BEGIN", false)]
    public async Task Write_WhoseConnectionIsLost_IsMadeOnce(string word, bool hasArrived)
    {
        await LoseAsync(word, hasArrived, async () => Assert.True(await Host.Messages.TryAppendAsync(Message(2))));
        await LoseAsync(word, hasArrived, async () => Assert.False(await Host.Messages.TryAppendAsync(Message(3) with { MessageId = "m2" })));
        await LoseAsync(word, hasArrived, async () => Assert.Null(await Host.Registry.TryAddDevicesAsync([Registration("a"), Registration("b")])));
        await LoseAsync(word, hasArrived, async () => Assert.Equal("b", await Host.Registry.TryAddDevicesAsync([Registration("c"), Registration("b")])));
        await LoseAsync(word, hasArrived, async () => Assert.True(await Host.Registry.TryAddProductAsync(Product)));
        await LoseAsync(word, hasArrived, async () => Assert.False(await Host.Registry.TryAddProductAsync(Product)));
        await LoseAsync(word, hasArrived, async () => Assert.False(await Host.Registry.TryDeleteProductAsync("p")));
        await LoseAsync(word, hasArrived, () => Host.Registry.DeleteDeviceAsync(new DeviceId("p", "a")));
        await LoseAsync(word, hasArrived, () => Host.Registry.DeleteDeviceAsync(new DeviceId("p", "b")));
        await LoseAsync(word, hasArrived, async () => Assert.True(await Host.Registry.TryDeleteProductAsync("p")));
        Assert.Equal(["m1", "m2"], (await Host.Messages.LoadOpenAsync(Device)).Select(static message => message.MessageId));
        Assert.Empty(await Host.Registry.ListDevicesAsync("p", new PageRequest(10, null)));
    }

    [SkippableFact]
    public async Task Read_WhoseConnectionIsLost_IsMadeAgain()
    {
        await LoseAsync("device_message", true, async () => Assert.NotNull(await Host.Messages.FindAsync(Device, "m1")));
        Assert.Null(await Host.Registry.FindDeviceAsync(Device));
        Assert.Single(await Host.Messages.LoadOpenAsync(Device));
    }

    [SkippableFact]
    public async Task Write_WhoseConnectionIsLostWhileTheServerIsAtWork_IsMadeOnce()
    {
        await using var blocking = new NpgsqlConnection(Host.ConnectionString);
        await blocking.OpenAsync();
        await using var transaction = await blocking.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("SELECT 1 FROM store_writer FOR UPDATE", blocking))
        {
            await command.ExecuteNonQueryAsync();
        }

        // Its statements wait at the server for the row, and so does the connection that comes next.
        var losses = _proxy!.Losses;
        _proxy.LoseNext("BEGIN", hasArrived: true);
        var append = Host.Messages.TryAppendAsync(Message(2));
        await Patience.UntilAsync(() => _proxy.Losses > losses);
        await transaction.RollbackAsync();
        Assert.True(await append.InTimeAsync());
        Assert.Equal(2, (await Host.Messages.LoadOpenAsync(Device)).Length);
    }

    // What is under way for longer than its callers wait must not come through after what was written later.
    [SkippableFact]
    public async Task Batch_ThatWasGivenUp_CanNotBeCommittedLater()
    {
        var go = _proxy!.HoldNext();
        var early = Host.Messages.UpdateAsync(Device, "m1", MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1 });
        await Assert.ThrowsAsync<StoreUnavailableException>(() => early.InTimeAsync());
        await Host.Messages.UpdateAsync(Device, "m1", MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 2 }).InTimeAsync();

        // The first request is let through: it is answered, and so is what its owner makes of the answer.
        go.SetResult();
        await Patience.UntilAsync(() => _proxy.AnswersToHeld >= 2);
        Assert.Equal(2, (await Host.Messages.FindAsync(Device, "m1"))!.Progress.Attempts);
        Assert.True(await Host.Messages.TryAppendAsync(Message(2)).InTimeAsync());
    }

    private static ProductView Product => new("p", "", true, false, Start, []);

    private async Task LoseAsync(string word, bool hasArrived, Func<Task> act)
    {
        var losses = _proxy!.Losses;
        _proxy.LoseNext(word, hasArrived);
        await act().InTimeAsync();
        Assert.Equal(losses + 1, _proxy.Losses);
    }

    private static DeviceRegistration Registration(string name) => new(new DeviceId("p", name), "secret", true, Start);

    private static DeviceMessage Message(int sequence) => new(
        Device, $"m{sequence}", sequence, "", new byte[] { 1 }, "t", false, 1, Start, Start.AddDays(1), MessageProgress.Accepted);
}
