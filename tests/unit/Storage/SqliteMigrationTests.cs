using IotPlatform.Devices;
using IotPlatform.Storage;
using IotPlatform.Storage.Sqlite;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>The schema is brought up to date once, and never backwards.</summary>
public sealed class SqliteMigrationTests : IAsyncDisposable
{
    private readonly SqliteHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Migrations_AppliedTwice_ChangeNothing()
    {
        using var connection = Connect();
        var before = SchemaOf(connection);
        SqliteMigrations.Apply(connection);
        Assert.Equal(before, SchemaOf(connection));
        Assert.Contains("device_message", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrations_ByManyAtOnce_AreAppliedOnce()
    {
        var path = Path.Combine(Path.GetDirectoryName(_host.Path)!, "other.db");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using var connection = Connect(path);
            SqliteMigrations.Apply(connection);
        }))).InTimeAsync();
        using var one = Connect(path);
        using var other = Connect();
        Assert.Equal(SchemaOf(other), SchemaOf(one));
    }

    [Fact]
    public async Task DeviceOfASchemaWithoutTags_IsThereAndHasNone()
    {
        var path = FileBefore("0006_device_tags", "INSERT INTO device (product_key, device_name, secret, is_enabled, created_at) VALUES ('p', 'd', 's', 1, 0)");
        using var instruments = new StoreInstruments();
        await using var database = new SqliteDatabase(path, instruments, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        var device = new DeviceId("p", "d");
        var registration = await new SqliteRegistryStore(database).FindDeviceAsync(device);
        Assert.Equal(new DeviceRegistration(device, "s", IsEnabled: true, DateTimeOffset.UnixEpoch), registration);
        Assert.Empty(registration!.Tags);
    }

    [Fact]
    public async Task MessagesOfASchemaThatIndexedThemAtOnce_AreFound()
    {
        var path = FileBefore(
            "0012_filing",
            "INSERT INTO device_message (place, has_own_id, product_key, device_name, message_id, sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at, "
            + "status, attempts, rounds, finished_at) VALUES "
            + "(3, 0, 'p', 'd', '7', 7, '', x'01', '/t', 0, 1, 0, 1000000, 1, 0, 0, NULL), "
            + "(4, 1, 'p', 'd', 'own', 8, '', x'01', '/t', 0, 1, 0, 1000000, 3, 1, 1, 5)");
        using var instruments = new StoreInstruments();
        await using var database = new SqliteDatabase(path, instruments, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        var device = new DeviceId("p", "d");
        var messages = new SqliteMessageStore(database);
        Assert.Equal(["7"], (await messages.LoadOpenAsync(device)).Select(static message => message.MessageId));
        Assert.Equal(["own", "7"], (await messages.ListAsync(device, new ListDeviceMessages(null, 10, null))).Select(static message => message.MessageId));
        Assert.Equal(MessageStatus.Delivered, (await messages.FindAsync(device, "own"))!.Progress.Status);
        Assert.Equal(device, Assert.Single(await messages.FindExpiredAsync(DateTimeOffset.UnixEpoch.AddSeconds(1), 10)));
        Assert.False(await messages.TryAppendAsync((await messages.FindAsync(device, "own"))! with { Sequence = 9 }));
        await messages.UpdateAsync(device, "7", new MessageProgress(MessageStatus.Delivered, 1, 1, null, DateTimeOffset.UnixEpoch, null), sequence: 7);
        Assert.Empty(await messages.FindExpiredAsync(DateTimeOffset.UnixEpoch.AddSeconds(1), 10));
        Assert.Equal(2, (await messages.ListProductAsync("p", new ListProductMessages(MessageStatus.Delivered, 10, null))).Length);
    }

    [Fact]
    public async Task NewerSchema_IsRefused()
    {
        using (var connection = Connect())
        {
            Execute(connection, "PRAGMA user_version = 1000");
        }

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(_host.ReopenAsync);
        Assert.Contains("newer", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A file as it was before a script, with something in it.</summary>
    private string FileBefore(string script, string insert)
    {
        var path = Path.Combine(Path.GetDirectoryName(_host.Path)!, "earlier.db");
        using var connection = Connect(path);
        var scripts = ScriptsBefore(script);
        Array.ForEach(scripts, earlier => Execute(connection, earlier));
        Execute(connection, $"PRAGMA user_version = {scripts.Length}");
        Execute(connection, insert);
        return path;
    }

    private static string[] ScriptsBefore(string name)
    {
        const string Prefix = "IotPlatform.Storage.Sqlite.Migrations.";
        var assembly = typeof(SqliteDatabase).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal) && string.CompareOrdinal(resource, Prefix + name) < 0)
            .Order(StringComparer.Ordinal)
            .Select(resource =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                return reader.ReadToEnd();
            })];
    }

    private static string SchemaOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT (SELECT group_concat(sql) FROM (SELECT sql FROM sqlite_master ORDER BY name)) || (SELECT user_version FROM pragma_user_version)";
        return (string)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private SqliteConnection Connect(string? path = null)
    {
        var connection = new SqliteConnection($"Data Source={path ?? _host.Path}");
        connection.Open();
        return connection;
    }
}
