using IotPlatform.Devices;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Data.Sqlite;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>What SQLite can not do now fails as unavailable, and works again afterwards.</summary>
public sealed class SqliteOutageTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId Device = new("p", "d");

    private readonly SqliteHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Write_WhileAnotherProcessHoldsTheFile_FailsAsUnavailable()
    {
        using var other = new SqliteConnection($"Data Source={_host.Path}");
        other.Open();
        using (var transaction = other.BeginTransaction())
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => _host.Messages.TryAppendAsync(Message()).InTimeAsync());
            Assert.Empty(await _host.Messages.LoadOpenAsync(Device));
        }

        Assert.True(await _host.Messages.TryAppendAsync(Message()).InTimeAsync());
    }

    [Fact]
    public async Task Write_WhileTheDiskIsFull_FailsAsUnavailable()
    {
        // The database's own bound on its pages answers as a full disk does.
        var pages = await _host.Database.WriteAsync(1, static commands =>
        {
            using var rows = commands.Query("PRAGMA page_count");
            return rows.Read() ? rows.GetInt64(0) : 0;
        });
        await BoundPagesAsync($"{pages + 10}");
        var large = Message() with { Payload = new byte[1024 * 1024] };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _host.Messages.TryAppendAsync(large).InTimeAsync());
        await BoundPagesAsync("1000000");
        Assert.True(await _host.Messages.TryAppendAsync(large).InTimeAsync());
    }

    private Task<bool> BoundPagesAsync(string pages) => _host.Database.WriteAsync(1, commands =>
    {
        using var rows = commands.Query($"PRAGMA max_page_count = {pages}");
        return rows.Read();
    });

    private static DeviceMessage Message() => new(
        Device, "m", 1, "", new byte[] { 1 }, "t", false, 1, Start, Start.AddDays(1), MessageProgress.Accepted);
}
