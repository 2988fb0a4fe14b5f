using IotPlatform.Testkit;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>The PostgreSQL server of a test run; none where its programs are missing.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private string? _missing;

    /// <summary>The server. A test that asks for it is skipped where there is none.</summary>
    public PostgresServer Server
    {
        get
        {
            Skip.If(_server is null, _missing);
            return _server!;
        }
    }

    public async Task InitializeAsync() =>
        _server = PostgresPrograms.Find(out _missing) is { } programs ? await PostgresServer.CreateAsync(programs) : null;

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
