using System.Globalization;
using IotPlatform.Bench.Measure;
using IotPlatform.Testkit;
using Npgsql;

namespace IotPlatform.Bench.Servers;

/// <summary>The database of one cluster, on a server that outlives it.</summary>
internal sealed class ClusterDatabase : IDisposable
{
    // As the schema of the durable store numbers it.
    private const int Delivered = 3;

    // As Orleans numbers it.
    private const int Active = 3;

    private readonly PostgresServer _server;
    private readonly NpgsqlConnection _connection;

    private ClusterDatabase(PostgresServer server, string connectionString)
    {
        _server = server;
        ConnectionString = connectionString;
        _connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        _connection.Open();
        Part = new ServerPart("postgres", ProcessMeter.OfTree(server.ProcessId), []);
    }

    public string ConnectionString { get; }

    public ServerPart Part { get; }

    /// <summary>Makes an empty database and has a silo put its schema into it.</summary>
    public static async Task<ClusterDatabase> CreateAsync(PostgresServer server, string silo)
    {
        var connectionString = await server.CreateDatabaseAsync();
        var database = new ClusterDatabase(server, connectionString);
        var (host, arguments) = ChildProcess.CommandFor(silo, ["migrate", $"--Cluster:ConnectionString={connectionString}"]);
        try
        {
            PostgresPrograms.Run([host, .. arguments]);
            return database;
        }
        catch (InvalidOperationException exception)
        {
            database.Dispose();
            throw new ServerStartException(exception.Message);
        }
    }

    public int ActiveSilos() => (int)Count($"SELECT count(*) FROM orleans_silo WHERE status = {Active}");

    public long DeliveredMessages() => Count($"SELECT count(*) FROM device_message WHERE status = {Delivered}");

    public void Dispose()
    {
        _connection.Dispose();
        _server.DropDatabaseAsync(ConnectionString).GetAwaiter().GetResult();
    }

    private long Count(string sql)
    {
#pragma warning disable CA2100 // Texts of this class.
        using var command = new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
