using IotPlatform.Devices;
using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using IotPlatform.Unit.Tests.Time;
using Npgsql;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>What comes at once shares commits and queries, and each caller still gets his own answer.</summary>
public sealed class PostgresBatchTests(PostgresFixture fixture) : PostgresTest(new PostgresHost(fixture))
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId Device = new("p", "d");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();

        // The writer has its row.
        await Host.Registry.DeleteDeviceAsync(Device);
    }

    [SkippableFact]
    public async Task WritesAtOnce_ShareCommits()
    {
        const int count = (2 * BatchWriter<PostgresWrite>.BatchLengthMax) + 1;
        using var meter = new StoreMeter(Host.Instruments);
        var commits = meter["iot.store.commits"];
        var appended = await WhileHeldAsync(() => Task.WhenAll(Enumerable.Range(1, count).Select(i => Host.Messages.TryAppendAsync(Message(i)))));
        Assert.All(appended, Assert.True);

        // The held one, then as many in each as may be.
        Assert.Equal(4, meter["iot.store.commits"] - commits);
        Assert.Equal(count, (await Host.Messages.LoadOpenAsync(Device)).Length);
    }

    [SkippableFact]
    public async Task OneBatch_WithEverythingInIt_GivesEachCallerHisAnswer()
    {
        using var meter = new StoreMeter(Host.Instruments);
        var commits = meter["iot.store.commits"];
        await Host.Messages.TryAppendAsync(Message(1));
        await WhileHeldAsync(async () =>
        {
            var messages = Host.Messages;
            var (isKnown, isNew, isSecond) = (messages.TryAppendAsync(Message(9) with { MessageId = "m1" }), messages.TryAppendAsync(Message(2)), messages.TryAppendAsync(Message(3) with { MessageId = "m2" }));
            var updated = messages.UpdateAsync(Device, "m2", MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1 });
            var final = messages.UpdateAsync(Device, "m1", new MessageProgress(MessageStatus.Failed, 0, 0, null, Start, "why"));
            var afterItsUpdate = messages.TryAppendAsync(Message(4) with { MessageId = "m1" });
            var devices = Host.Registry.TryAddDevicesAsync([new DeviceRegistration(Device, "s", true, Start)]);
            var taken = Host.Registry.TryAddDevicesAsync([new DeviceRegistration(new("p", "e"), "s", true, Start), new DeviceRegistration(Device, "other", true, Start)]);
            var product = Host.Registry.TryAddProductAsync(new("p", "", true, false, Start, []));
            var hasDevices = Host.Registry.TryDeleteProductAsync("p");
            var deleted = Host.Registry.DeleteDeviceAsync(Device);
            var hasNone = Host.Registry.TryDeleteProductAsync("p");
            await Task.WhenAll(updated, final, deleted);
            Assert.Equal((false, true, false, false), (await isKnown, await isNew, await isSecond, await afterItsUpdate));
            Assert.Equal((null, "d"), (await devices, await taken));
            Assert.Equal((true, false, true), (await product, await hasDevices, await hasNone));
            return true;
        });

        // The first message, the held write, and one for everything.
        Assert.Equal(3, meter["iot.store.commits"] - commits);
        Assert.Equal(1, Assert.Single(await Host.Messages.LoadOpenAsync(Device)).Progress.Attempts);
        Assert.Equal("why", (await Host.Messages.FindAsync(Device, "m1"))!.Progress.Reason);
    }

    [SkippableFact]
    public async Task ChangesOfAMessage_BeforeItsBatchIsWritten_CostNoWrite()
    {
        using var meter = new StoreMeter(Host.Instruments);
        var writes = meter["iot.store.writes"];
        await WhileHeldAsync(async () =>
        {
            var stored = Host.Messages.TryAppendAsync(Message(1));
            var progress = new MessageProgress(MessageStatus.Delivered, 1, 0, Start, Start, null);
            await Task.WhenAll(
                stored,
                Host.Messages.UpdateAsync(new MessageChange(Device, "m1", 1, "", MessageStatus.Pending, progress with { Status = MessageStatus.Sent, FinishedAt = null })),
                Host.Messages.UpdateAsync(new MessageChange(Device, "m1", 1, "", MessageStatus.Sent, progress)));
            return await stored;
        });

        // The held one, and the message.
        Assert.Equal(2, meter["iot.store.writes"] - writes);
        Assert.Equal(MessageStatus.Delivered, (await Host.Messages.FindAsync(Device, "m1"))!.Progress.Status);
    }

    // More on its way to the server, and back, than the connection's buffers hold.
    [SkippableFact]
    public async Task OneBatch_OfManyLargeStatements_IsWritten()
    {
        using var meter = new StoreMeter(Host.Instruments);
        var commits = meter["iot.store.commits"];
        await WhileHeldAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, 900).Select(i => i % 2 == 0
                ? Host.Retained.SetAsync(1, new($"t{i}", new byte[8_000], 1, default, Start, null))
                : Host.Registry.TryAddDevicesAsync([new DeviceRegistration(new("p", $"d{i}"), "s", true, Start)])));
            return true;
        });
        Assert.Equal(2, meter["iot.store.commits"] - commits);
        Assert.Equal(450, (await Host.Retained.LoadAsync(1)).Length);
        Assert.Equal(450, (await Host.Registry.ListDevicesAsync("p", new(1_000, null))).Length);
    }

    // The other one has not committed when the statement looks for names that are taken.
    [SkippableFact]
    public async Task Devices_OfWhichAnotherSiloAddsOneInThatMoment_AreNotAdded()
    {
        await using var connection = new NpgsqlConnection(Host.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("INSERT INTO device VALUES ('p', 'b', 'theirs', true, 0)", connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        var adding = Host.Registry.TryAddDevicesAsync(
            [new DeviceRegistration(new("p", "a"), "ours", true, Start), new DeviceRegistration(new("p", "b"), "ours", true, Start)]);
        await Patience.UntilAsync(() => IsWaited(connection));
        await transaction.CommitAsync();
        Assert.Equal("b", await adding.InTimeAsync());
        Assert.Equal("theirs", Assert.Single(await Host.Registry.ListDevicesAsync("p", new(10, null))).Secret);
    }

    [SkippableFact]
    public async Task BadWrite_FailsAlone_WithoutTheClientsException()
    {
        // Its place in the order is taken, which no caller can be told by false.
        await Host.Messages.TryAppendAsync(Message(50));
        var bad = Message(50) with { MessageId = "other" };
        var (good, failure) = await WhileHeldAsync(async () =>
        {
            Task<bool>[] writes = [.. Enumerable.Range(1, 49).Select(i => Host.Messages.TryAppendAsync(Message(i)))];
            var failing = Host.Messages.TryAppendAsync(bad);
            Task<bool>[] more = [.. Enumerable.Range(51, 49).Select(i => Host.Messages.TryAppendAsync(Message(i)))];
            return (await Task.WhenAll([.. writes, .. more]), await Assert.ThrowsAsync<InvalidOperationException>(() => failing));
        });
        Assert.All(good, Assert.True);
        Assert.Null(failure.InnerException);
        Assert.Equal(99, (await Host.Messages.LoadOpenAsync(Device)).Length);
        Assert.True(await Host.Messages.TryAppendAsync(Message(100)));
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(0xD83D)]
    public async Task TextThatCanNotBeStored_IsRefusedToItsCaller_AndFoundNowhere(int character)
    {
        var text = $"text{(char)character}";
        await Assert.ThrowsAsync<ArgumentException>(() => Host.Messages.TryAppendAsync(Message(1) with { Name = text }));
        await Assert.ThrowsAsync<ArgumentException>(() => Host.Registry.TryAddDevicesAsync([new DeviceRegistration(new("p", text), "", true, Start)]));
        Assert.Null(await Host.Registry.FindDeviceAsync(new("p", text)));
        Assert.Empty(await Host.Messages.LoadOpenAsync(new("p", text)));
        Assert.Null(await Host.Messages.FindAsync(Device, text));
    }

    [SkippableFact]
    public async Task ReadsAtOnce_ShareQueries()
    {
        var queries = 0;
        var reader = new CoalescingReader<int, int>(Host.Database, "test", async (connection, keys) =>
        {
            Assert.InRange(keys.Length, 1, 500);
            Interlocked.Increment(ref queries);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync();
            return Array.ConvertAll(keys, static key => key * 2);
        });
        var results = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(key => Task.Run(() => reader.ReadAsync(key)))).InTimeAsync();
        Assert.Equal(Enumerable.Range(0, 10_000).Select(static key => key * 2), results);
        Assert.InRange(queries, 20, 1_000);
        Assert.Equal(0, reader.Waiting);
    }

    [SkippableFact]
    public async Task ReadThatFails_FailsThoseOfItsQueryOnly()
    {
        var reader = new CoalescingReader<int, int>(Host.Database, "test", (_, keys) =>
            keys.Contains(-1) ? throw new InvalidOperationException("mine") : Task.FromResult(keys));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.ReadAsync(-1));
        Assert.Equal(7, await reader.ReadAsync(7).InTimeAsync());
    }

    [SkippableFact]
    public async Task Sweeps_ByManyAtOnce_DeleteEachRowOnce_AndDoNotWaitForEachOther()
    {
        await Task.WhenAll(Enumerable.Range(1, 300).Select(i => Host.Messages.TryAppendAsync(
            Message(i) with { Progress = new MessageProgress(MessageStatus.Delivered, 1, 0, Start, Start, null) })));
        await using var connection = new NpgsqlConnection(Host.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("SELECT 1 FROM device_message WHERE sequence <= 100 FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync();

        // A hundred are held by another silo.
        var deleted = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Host.Messages.DeleteFinishedAsync(Start.AddSeconds(1), 100))).InTimeAsync();
        Assert.Equal(200, deleted.Sum());
        await transaction.RollbackAsync();
        Assert.Equal(100, await Host.Messages.DeleteFinishedAsync(Start.AddSeconds(1), 1_000));
    }

    /// <summary>Does something while a commit can not go on, so that what is handed in meanwhile comes into one batch, and lets it go on then.</summary>
    private async Task<TResult> WhileHeldAsync<TResult>(Func<Task<TResult>> act)
    {
        await using var connection = new NpgsqlConnection(Host.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("SELECT 1 FROM store_writer FOR UPDATE", connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        var held = Host.Registry.DeleteDeviceAsync(new DeviceId("p", "none"));
        await Patience.UntilAsync(() => IsWaited(connection));
        var acting = act();
        await transaction.RollbackAsync();
        await held.InTimeAsync();
        return await acting.InTimeAsync();
    }

    private static bool IsWaited(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)", connection);
        return (bool)command.ExecuteScalar()!;
    }

    private static DeviceMessage Message(int sequence) => new(
        Device, $"m{sequence}", sequence, "", new byte[] { 1 }, "t", false, 1, Start, Start.AddDays(1), MessageProgress.Accepted);
}
