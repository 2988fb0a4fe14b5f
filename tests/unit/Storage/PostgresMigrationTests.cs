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
