using IotPlatform.Storage;
using IotPlatform.Storage.Sqlite;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>Concurrent writes share commits.</summary>
public sealed class BatchWriterTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("iot-writer-");
    private readonly StoreInstruments _instruments = new();
    private readonly StoreMeter _meter;
    private readonly BatchWriter<SqliteWrite> _writer;

    public BatchWriterTests()
    {
        SQLitePCL.Batteries_V2.Init();
        using (var connection = Connect())
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL; CREATE TABLE entry (id INTEGER NOT NULL PRIMARY KEY)";
            command.ExecuteNonQuery();
        }

        _meter = new StoreMeter(_instruments);
        _writer = new BatchWriter<SqliteWrite>(new SqliteCommitter(Connect(), TimeProvider.System), _instruments, TimeProvider.System, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _meter.Dispose();
        _instruments.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task WritesAtOnce_TakeFewerCommits()
    {
        const int count = (2 * BatchWriter<SqliteWrite>.BatchLengthMax) + 1;
        using var first = new ManualResetEventSlim();
        var holding = WriteAsync(_ => first.Wait(TimeSpan.FromSeconds(20)));
        Task<int>[] writes = [.. Enumerable.Range(0, count).Select(i => InsertAsync(i))];
        first.Set();
        Assert.True(await holding.InTimeAsync());
        Assert.All(await Task.WhenAll(writes).InTimeAsync(), static rows => Assert.Equal(1, rows));

        // One for the write that held the others up, or with some of them, then as many in each as may be.
        Assert.InRange(_meter["iot.store.commits"], 3, 4);
        Assert.Equal(count + 1, _meter["iot.store.writes"]);
        Assert.Equal(count, Ids().Length);
    }

    [Fact]
    public async Task FailingWrite_FailsAlone()
    {
        using var first = new ManualResetEventSlim();
        var holding = WriteAsync(_ => first.Wait(TimeSpan.FromSeconds(20)));
        Task[] writes = [.. Enumerable.Range(0, 20).Select(i => i == 7 ? WriteAsync<int>(static _ => throw new InvalidOperationException("mine")) : InsertAsync(i))];
        first.Set();
        await holding.InTimeAsync();
        Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidOperationException>(() => writes[7].InTimeAsync())).Message);
        await Task.WhenAll(writes.Where((_, i) => i != 7)).InTimeAsync();
        Assert.Equal(Enumerable.Range(0, 20).Where(static i => i != 7).Select(static i => (long)i), Ids());
    }

    [Fact]
    public async Task FailingWrite_LeavesNothingOfItselfBehind()
    {
        var write = WriteAsync<int>(static commands =>
        {
            commands.Execute("INSERT INTO entry (id) VALUES (@p0)", 1L);
            throw new InvalidOperationException();
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => write);
        Assert.Empty(Ids());
        await InsertAsync(1);
        Assert.Equal([1L], Ids());
    }

    [Fact]
    public async Task WriteThatIsDone_IsSeenByOthers()
    {
        for (var i = 0; i < 20; i++)
        {
            await InsertAsync(i);
            Assert.Equal(i + 1, Ids().Length);
        }
    }

    [Fact]
    public async Task Write_IsNotDoneBeforeItsCommit()
    {
        using var gate = new ManualResetEventSlim();
        var write = InsertAsync(1);
        var other = WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(20)));
        var last = InsertAsync(2);
        Assert.False(last.IsCompleted);
        Assert.DoesNotContain(2L, Ids());
        gate.Set();
        await Task.WhenAll(write, other, last).InTimeAsync();
        Assert.Equal([1L, 2], Ids());
    }

    [Fact]
    public async Task Dispose_WritesWhatHasBeenHandedIn_AndRefusesWhatComesLater()
    {
        Task<int>[] writes = [.. Enumerable.Range(0, 3_000).Select(i => InsertAsync(i))];
        await _writer.DisposeAsync();
        Assert.All(writes, static write => Assert.True(write.IsCompletedSuccessfully));
        Assert.Equal(3_000, Ids().Length);
        await Assert.ThrowsAnyAsync<Exception>(() => InsertAsync(9_999));
    }

    private Task<TResult> WriteAsync<TResult>(Func<PreparedCommands, TResult> apply)
    {
        var write = new SqliteWrite<TResult>(1, apply);
        _writer.HandIn(write);
        return write.Task;
    }

    private Task<int> InsertAsync(long id) => WriteAsync(commands => commands.Execute("INSERT INTO entry (id) VALUES (@p0)", id));

    private long[] Ids()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM entry ORDER BY id";
        using var rows = command.ExecuteReader();
        var ids = new List<long>();
        while (rows.Read())
        {
            ids.Add(rows.GetInt64(0));
        }

        return [.. ids];
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "w.db")}");
        connection.Open();
        return connection;
    }
}
