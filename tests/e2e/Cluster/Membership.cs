using Npgsql;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Who the cluster says is in it, by its own table.</summary>
internal sealed class Membership(string connectionString)
{
    /// <summary>The active silos, by port, and with the generation of the process, which grows with each start.</summary>
    public async Task<List<(int Port, int Generation)>> ActiveAsync()
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT port, generation FROM orleans_silo WHERE status = 3 ORDER BY port", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var active = new List<(int, int)>();
        while (await rows.ReadAsync())
        {
            active.Add((rows.GetInt32(0), rows.GetInt32(1)));
        }

        return active;
    }
}
