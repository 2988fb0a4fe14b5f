using IotPlatform.Devices;
using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>The schema is brought up to date once, never backwards, and by nobody but who is asked to.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresMigrationTests(PostgresFixture fixture) : IAsyncLifetime
{
    private static readonly MigrationGroup[] All = [PostgresMigrations.Store, OrleansMigrations.Group];

    private string? _connectionString;

    public async Task InitializeAsync() => _connectionString = await fixture.Server.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        if (_connectionString is not null)
        {
            await fixture.Server.DropDatabaseAsync(_connectionString);
        }
    }

    [SkippableFact]
    public async Task Migrations_AppliedTwice_AreAppliedOnce()
    {
        var first = await PostgresMigrations.ApplyAsync(_connectionString!, All);
        Assert.Equal(All.SelectMany(static group => group.Scripts), first);
        Assert.Contains("store/0001_initial", first.Select(static script => script.ToString()));
        Assert.Empty(await PostgresMigrations.ApplyAsync(_connectionString!, All));
        Assert.Equal(first.Length, await CountAsync("SELECT count(*) FROM schema_version"));
    }

    [SkippableFact]
    public async Task Migrations_ByManyAtOnce_AreAppliedOnce()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PostgresMigrations.ApplyAsync(_connectionString!, All)))).InTimeAsync();
        Assert.Equal(
            All.SelectMany(static group => group.Scripts).Select(static script => script.ToString()).Order(StringComparer.Ordinal),
            applied.SelectMany(static scripts => scripts).Select(static script => script.ToString()).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Migration_ThatFails_LeavesNothingBehind()
    {
        var store = PostgresMigrations.Store;
        var broken = store with { Scripts = store.Scripts.Add(new MigrationScript("store", store.Version + 1, "broken", "CREATE TABLE half (id int); SELECT 1 / 0")) };
        await Assert.ThrowsAsync<PostgresException>(() => PostgresMigrations.ApplyAsync(_connectionString!, [broken]));
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM pg_class WHERE relname = 'half'"));
        Assert.Equal(store.Version, await CountAsync("SELECT count(*) FROM schema_version"));
    }

    [SkippableFact]
    public async Task DeviceOfASchemaWithoutTags_IsThereAndHasNone()
    {
        var store = PostgresMigrations.Store;
        var earlier = store with { Scripts = [.. store.Scripts.TakeWhile(static script => script.ToString() != "store/0005_device_tags")] };
        await PostgresMigrations.ApplyAsync(_connectionString!, [earlier]);
        await CountAsync("INSERT INTO device (product_key, device_name, secret, is_enabled, created_at) VALUES ('p', 'd', 's', true, 0) RETURNING 1::bigint");
        await PostgresMigrations.ApplyAsync(_connectionString!, All);

        using var instruments = new StoreInstruments();
        await using var database = new PostgresDatabase(_connectionString!, instruments, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        await database.OpenAsync();
        var device = new DeviceId("p", "d");
        var registration = await new PostgresRegistryStore(database).FindDeviceAsync(device);
        Assert.Equal(new DeviceRegistration(device, "s", IsEnabled: true, DateTimeOffset.UnixEpoch), registration);
        Assert.Empty(registration!.Tags);
    }

    // The keys that the migration gives are those that this program looks by.
    [SkippableTheory]
    [InlineData("p", "d")]
    [InlineData("product-1", "a device/with ünïcode 🛰")]
    [InlineData("", "")]
    public async Task MessagesOfASchemaWithoutKeys_AreFound(string productKey, string deviceName)
    {
        var store = PostgresMigrations.Store;
        var earlier = store with { Scripts = [.. store.Scripts.TakeWhile(static script => script.ToString() != "store/0009_message_keys")] };
        await PostgresMigrations.ApplyAsync(_connectionString!, [earlier]);
        await CountAsync(
            $"""
            INSERT INTO device_message (
              product_key, device_name, message_id, sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at,
              status, attempts, rounds, sent_at, finished_at, reason, resent_at, acknowledged_late_at)
            VALUES
              ('{productKey}', '{deviceName}', 'own', 1, 'n', '\x0102', 't', true, 1, 1000000, 2000000, 2, 3, 4, 5000000, NULL, NULL, NULL, NULL),
              ('{productKey}', '{deviceName}', '2', 2, '', '\x', 't', false, 0, 1000000, 2000000, 5, 1, 0, NULL, 6000000, 'why', NULL, NULL),
              ('{productKey}', '{deviceName}', '1', 3, '', '\x', 't', false, 1, 1000000, 2000000, 3, 1, 0, NULL, 6000000, NULL, NULL, NULL)
            RETURNING 1::bigint
            """);
        await PostgresMigrations.ApplyAsync(_connectionString!, All);

        using var instruments = new StoreInstruments();
        await using var database = new PostgresDatabase(_connectionString!, instruments, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        var (messages, device) = (new PostgresMessageStore(database), new DeviceId(productKey, deviceName));
        var open = Assert.Single(await messages.LoadOpenAsync(device));
        var second = DateTimeOffset.UnixEpoch.AddSeconds(1);
        Assert.Equal(
            new DeviceMessage(
                device, "own", 1, "n", open.Payload, "t", NeedsSubscription: true, 1, second, second.AddSeconds(1),
                new MessageProgress(MessageStatus.Sent, 3, 4, second.AddSeconds(4), null, null)),
            open);
        Assert.Equal([1, 2], open.Payload.ToArray());
        Assert.Equal([3L, 2L, 1L], (await messages.ListAsync(device, new ListDeviceMessages(null, 10, null))).Select(static message => message.Sequence));
        Assert.Equal([1L, 2L, 3L], (await messages.ListProductAsync(productKey, new ListProductMessages(null, 10, null))).Select(static message => message.Sequence));
        var found = await Task.WhenAll(new[] { "own", "1", "2" }.Select(id => messages.FindAsync(device, id)));
        Assert.Equal([1L, 3L, 2L], found.Select(static message => message!.Sequence));
        Assert.Equal("why", found[2]!.Progress.Reason);
        Assert.False(await messages.TryAppendAsync(open with { Sequence = 9 }));
        Assert.False(await messages.TryAppendAsync(open with { Sequence = 9, MessageId = "2" }));
    }

    [SkippableFact]
    public async Task NewerSchema_IsRefused()
    {
        await PostgresMigrations.ApplyAsync(_connectionString!, All);
        await CountAsync("INSERT INTO schema_version (schema_group, version, script) VALUES ('store', 1000, 'x') RETURNING 1::bigint");
        Assert.Contains("newer", (await Assert.ThrowsAsync<InvalidOperationException>(() => PostgresMigrations.ApplyAsync(_connectionString!, All))).Message, StringComparison.Ordinal);
        Assert.Contains("newer", (await Assert.ThrowsAsync<InvalidOperationException>(OpenAsync)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task MissingSchema_IsRefused_AndNotMade()
    {
        Assert.Contains("silo migrate", (await Assert.ThrowsAsync<InvalidOperationException>(OpenAsync)).Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM pg_class WHERE relname IN ('schema_version', 'device')"));
        await PostgresMigrations.ApplyAsync(_connectionString!, [OrleansMigrations.Group]);
        Assert.Contains("silo migrate", (await Assert.ThrowsAsync<InvalidOperationException>(OpenAsync)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task OlderSchema_IsRefused()
    {
        await PostgresMigrations.ApplyAsync(_connectionString!, All);
        await using var connection = await ConnectAsync();
        var later = PostgresMigrations.Store with { Scripts = PostgresMigrations.Store.Scripts.Add(new MigrationScript("store", 2, "later", "")) };
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => PostgresMigrations.CheckAsync(connection, later));
        Assert.Contains("silo migrate", refusal.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Process_WithoutTheSchema_DoesNotStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPostgresStore(_ => _connectionString!);
        using (var host = builder.Build())
        {
            var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
            Assert.Contains("silo migrate", refusal.Message, StringComparison.Ordinal);
        }

        await PostgresMigrations.ApplyAsync(_connectionString!, All);
        builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddPostgresStore(_ => _connectionString!);
        using (var host = builder.Build())
        {
            await host.StartAsync().InTimeAsync();
            Assert.Empty(await host.Services.GetRequiredService<IRetainedStore>().LoadAsync(1));
            Assert.Empty(await host.Services.GetRequiredService<IMessageStore>().LoadOpenAsync(new("p", "d")));
            Assert.Null(await host.Services.GetRequiredService<IBroadcastStore>().FindAsync("p", 1));
            Assert.Null(await host.Services.GetRequiredService<IRegistryStore>().FindProductAsync("p"));
            await host.StopAsync();
        }
    }

    private async Task OpenAsync()
    {
        using var instruments = new StoreInstruments();
        await using var database = new PostgresDatabase(_connectionString!, instruments, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        await database.OpenAsync();
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = await ConnectAsync();
#pragma warning disable CA2100 // Constants of these tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
