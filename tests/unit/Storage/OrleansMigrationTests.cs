using System.Data;
using IotPlatform.Storage;
using IotPlatform.Storage.Postgres;
using IotPlatform.Unit.Tests.Time;
using Npgsql;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>
/// The statements of Orleans' ADO.NET providers, run as the providers run them: parameters by name and type, columns by name. The version of a
/// cluster decides who may change its members; the version of a state decides who may write it.
/// </summary>
[Collection(PostgresCollection.Name)]
public sealed class OrleansMigrationTests(PostgresFixture fixture) : IAsyncLifetime
{
    private const int Joining = 2;
    private const int Active = 3;
    private const int Dead = 6;

    private static readonly DateTime Start = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly Dictionary<string, string> _queries = [];
    private string? _connectionString;

    public async Task InitializeAsync()
    {
        _connectionString = await fixture.Server.CreateDatabaseAsync();
        await PostgresMigrations.ApplyAsync(_connectionString, [OrleansMigrations.Group]);

        // As the providers load them, word for word.
        foreach (var row in await QueryAsync("SELECT QueryKey, QueryText FROM OrleansQuery"))
        {
            _queries.Add((string)row["QueryKey"]!, (string)row["QueryText"]!);
        }
    }

    public async Task DisposeAsync()
    {
        if (_connectionString is not null)
        {
            await fixture.Server.DropDatabaseAsync(_connectionString);
        }
    }

    [SkippableFact]
    public void Queries_AreThoseThatTheProvidersAskFor() => Assert.Equal(
        [
            "CleanupDefunctSiloEntriesKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteStorageKey", "GatewaysQueryKey", "InsertMembershipKey",
            "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "ReadFromStorageKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey",
            "WriteToStorageKey",
        ],
        _queries.Keys.Order(StringComparer.Ordinal));

    [SkippableFact]
    public async Task Cluster_IsMadeOnce_AndReadEmptyWithItsVersion()
    {
        Assert.True(await BeginClusterAsync());
        Assert.False(await BeginClusterAsync());
        var row = Assert.Single(await ReadAllAsync());
        Assert.Equal(0, row["Version"]);
        Assert.Null(row["StartTime"]);
        Assert.Null(Assert.Single(await ReadRowAsync(1))["StartTime"]);
    }

    [SkippableFact]
    public async Task Silo_IsAddedOnce_AndOnlyAtTheExpectedVersion()
    {
        await BeginClusterAsync();
        Assert.False(await InsertAsync(1, Joining, version: 1));
        Assert.True(await InsertAsync(1, Joining, version: 0));
        Assert.False(await InsertAsync(2, Joining, version: 0));
        Assert.False(await InsertAsync(1, Active, version: 1));
        Assert.True(await InsertAsync(2, Active, version: 1));
        var rows = await ReadAllAsync();
        Assert.Equal([1, 2], rows.Select(static row => (int)row["Generation"]!).Order());
        Assert.All(rows, static row => Assert.Equal(2, row["Version"]));
        var first = Assert.Single(await ReadRowAsync(1));
        Assert.Equal(
            ("10.0.0.1", 11111, "silo", "host", Joining, 30000, null, Start, Start),
            ((string)first["Address"]!, (int)first["Port"]!, (string)first["SiloName"]!, (string)first["HostName"]!, (int)first["Status"]!, (int)first["ProxyPort"]!,
                (string?)first["SuspectTimes"], (DateTime)first["StartTime"]!, (DateTime)first["IAmAliveTime"]!));
    }

    [SkippableFact]
    public async Task Silos_AddedAtOnce_AreAddedOneAVersion()
    {
        await BeginClusterAsync();
        var added = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => InsertAsync(i, Joining, version: 0))).InTimeAsync();
        Assert.Single(added, static isAdded => isAdded);
        Assert.Equal(1, Assert.Single(await ReadAllAsync())["Version"]);
    }

    [SkippableFact]
    public async Task Silo_IsChanged_OnlyAtTheExpectedVersion_AndOnlyWhenItIsThere()
    {
        await BeginClusterAsync();
        await InsertAsync(1, Joining, version: 0);
        Assert.False(await UpdateAsync(1, Active, "someone", version: 0));
        Assert.False(await UpdateAsync(2, Active, "someone", version: 1));
        Assert.True(await UpdateAsync(1, Active, "someone", version: 1));
        var row = Assert.Single(await ReadAllAsync());
        Assert.Equal((2, Active, "someone"), ((int)row["Version"]!, (int)row["Status"]!, (string)row["SuspectTimes"]!));
        Assert.True(await UpdateAsync(1, Dead, null, version: 2));
        Assert.Null(Assert.Single(await ReadAllAsync())["SuspectTimes"]);
    }

    [SkippableFact]
    public async Task SignOfLife_IsWrittenWithoutCountingTheVersion()
    {
        await BeginClusterAsync();
        await InsertAsync(1, Active, version: 0);
        await QueryAsync(_queries["UpdateIAmAlivetimeKey"], [.. Silo(1), ("IAmAliveTime", Start.AddMinutes(1), DbType.DateTime)]);
        var row = Assert.Single(await ReadAllAsync());
        Assert.Equal((1, Start.AddMinutes(1)), ((int)row["Version"]!, (DateTime)row["IAmAliveTime"]!));
    }

    [SkippableFact]
    public async Task Gateways_AreActiveSilosThatTakeClients()
    {
        await BeginClusterAsync();
        await InsertAsync(1, Active, version: 0);
        await InsertAsync(2, Joining, version: 1);
        await InsertAsync(3, Active, version: 2, proxyPort: 0);
        var row = Assert.Single(await QueryAsync(_queries["GatewaysQueryKey"], Cluster, ("Status", Active, DbType.Int32)));
        Assert.Equal(("10.0.0.1", 30000, 1), ((string)row["Address"]!, (int)row["ProxyPort"]!, (int)row["Generation"]!));
    }

    [SkippableFact]
    public async Task DefunctSilos_AreForgotten_AndAClusterWithAllOfIts()
    {
        await BeginClusterAsync();
        await InsertAsync(1, Active, version: 0);
        await InsertAsync(2, Dead, version: 1);
        await InsertAsync(3, Joining, version: 2);
        await QueryAsync(_queries["CleanupDefunctSiloEntriesKey"], Cluster, ("IAmAliveTime", Start, DbType.DateTime));
        Assert.Equal(3, (await ReadAllAsync()).Count);
        await QueryAsync(_queries["CleanupDefunctSiloEntriesKey"], Cluster, ("IAmAliveTime", Start.AddSeconds(1), DbType.DateTime));
        Assert.Equal(1, Assert.Single(await ReadAllAsync())["Generation"]);
        await QueryAsync(_queries["DeleteMembershipTableEntriesKey"], Cluster);
        Assert.Empty(await ReadAllAsync());
    }

    [SkippableTheory]
    [InlineData(0L, "product/p")]
    [InlineData(7L, null)]
    [InlineData(7L, "extension")]
    public async Task State_IsWrittenReadAndCleared_ByItsVersion(long n1, string? extension)
    {
        Assert.Empty(await ReadStateAsync(n1, extension));
        Assert.Equal(1, await WriteAsync(n1, extension, version: null, 10));
        Assert.Null(await WriteAsync(n1, extension, version: null, 11));
        Assert.Equal(2, await WriteAsync(n1, extension, version: 1, 12));
        Assert.Null(await WriteAsync(n1, extension, version: 1, 13));
        var state = Assert.Single(await ReadStateAsync(n1, extension));
        Assert.Equal((12, 2), (Assert.Single((byte[])state["PayloadBinary"]!), (int)state["Version"]!));
        Assert.Empty(await ReadStateAsync(n1 + 1, extension));
        Assert.Empty(await ReadStateAsync(n1, extension + "x"));

        Assert.Null(await ChangeAsync("ClearStorageKey", n1, extension, version: 1));
        Assert.Equal(3, await ChangeAsync("ClearStorageKey", n1, extension, version: 2));
        Assert.Null(Assert.Single(await ReadStateAsync(n1, extension))["PayloadBinary"]);
        Assert.Equal(4, await WriteAsync(n1, extension, version: 3, 14));
        Assert.Null(await ChangeAsync("DeleteStorageKey", n1, extension, version: 3));
        Assert.Equal(5, await ChangeAsync("DeleteStorageKey", n1, extension, version: 4));
        Assert.Empty(await ReadStateAsync(n1, extension));

        // Whoever still has the version of what is gone must hear of it.
        Assert.Null(await WriteAsync(n1, extension, version: 4, 15));
        Assert.Equal(1, await WriteAsync(n1, extension, version: null, 16));
    }

    [SkippableFact]
    public async Task States_WrittenFirstByManyAtOnce_AreWrittenOnce()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => WriteAsync(7, null, version: null, (byte)i))).InTimeAsync();
        Assert.Equal(1, Assert.Single(versions, static version => version is not null));
        Assert.Single(await ReadStateAsync(7, null));
    }

    private static (string, object?, DbType) Cluster => ("DeploymentId", "cluster", DbType.String);

    private static (string, object?, DbType)[] Silo(int generation) =>
    [
        Cluster,
        ("Address", "10.0.0.1", DbType.String),
        ("Port", 11111, DbType.Int32),
        ("Generation", generation, DbType.Int32),
    ];

    private static (string, object?, DbType)[] State(long n1, string? extension) =>
    [
        ("GrainIdHash", 123, DbType.Int32),
        ("GrainIdN0", 0L, DbType.Int64),
        ("GrainIdN1", n1, DbType.Int64),
        ("GrainTypeHash", 456, DbType.Int32),
        ("GrainTypeString", "type", DbType.String),
        ("GrainIdExtensionString", extension, DbType.String),
        ("ServiceId", "service", DbType.String),
    ];

    private async Task<bool> BeginClusterAsync() => IsTrue(await QueryAsync(_queries["InsertMembershipVersionKey"], Cluster));

    private async Task<bool> InsertAsync(int generation, int status, int version, int proxyPort = 30000) => IsTrue(await QueryAsync(
        _queries["InsertMembershipKey"],
        [
            .. Silo(generation),
            ("SiloName", "silo", DbType.String),
            ("HostName", "host", DbType.String),
            ("Status", status, DbType.Int32),
            ("ProxyPort", proxyPort, DbType.Int32),
            ("StartTime", Start, DbType.DateTime),
            ("IAmAliveTime", Start, DbType.DateTime),
            ("Version", version, DbType.Int32),
        ]));

    private async Task<bool> UpdateAsync(int generation, int status, string? suspectTimes, int version) => IsTrue(await QueryAsync(
        _queries["UpdateMembershipKey"],
        [
            .. Silo(generation),
            ("IAmAliveTime", Start, DbType.DateTime),
            ("Status", status, DbType.Int32),
            ("SuspectTimes", suspectTimes, DbType.String),
            ("Version", version, DbType.Int32),
        ]));

    private Task<List<Dictionary<string, object?>>> ReadAllAsync() => QueryAsync(_queries["MembershipReadAllKey"], Cluster);

    private Task<List<Dictionary<string, object?>>> ReadRowAsync(int generation) => QueryAsync(_queries["MembershipReadRowKey"], Silo(generation));

    private Task<List<Dictionary<string, object?>>> ReadStateAsync(long n1, string? extension) => QueryAsync(_queries["ReadFromStorageKey"], State(n1, extension));

    private async Task<int?> WriteAsync(long n1, string? extension, int? version, byte payload)
    {
        var rows = await QueryAsync(
            _queries["WriteToStorageKey"],
            [.. State(n1, extension), ("GrainStateVersion", version, DbType.Int32), ("PayloadBinary", new[] { payload }, DbType.Binary)]);
        return (int?)rows.SingleOrDefault()?["NewGrainStateVersion"];
    }

    private async Task<int?> ChangeAsync(string query, long n1, string? extension, int? version)
    {
        var rows = await QueryAsync(_queries[query], [.. State(n1, extension), ("GrainStateVersion", version, DbType.Int32)]);
        return (int?)rows.SingleOrDefault()?["NewGrainStateVersion"];
    }

    // What a provider takes for yes and no: one row of one column.
    private static bool IsTrue(List<Dictionary<string, object?>> rows) => Convert.ToBoolean(Assert.Single(Assert.Single(rows)).Value, null);

    private async Task<List<Dictionary<string, object?>>> QueryAsync(string sql, params (string Name, object? Value, DbType Type)[] parameters)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // What the scripts have put into the table.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var (name, value, type) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { ParameterName = name, Value = value ?? DBNull.Value, DbType = type });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i), StringComparer.OrdinalIgnoreCase));
        }

        return rows;
    }
}
