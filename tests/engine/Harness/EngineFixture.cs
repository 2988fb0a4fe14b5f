using Microsoft.Extensions.DependencyInjection;

namespace IotPlatform.Engine.Tests;

/// <summary>An engine shared by the tests of a collection; each test uses keys of its own.</summary>
public class EngineFixture : IAsyncLifetime
{
    private IEngineHost? _host;

    public Board Board { get; } = new();

    public IEngineHost Host => _host ?? throw new InvalidOperationException("The engine has not been started.");

    protected virtual EngineHostOptions Options => new();

    public static string NewKey() => $"test/{Guid.NewGuid():N}";

    public async Task InitializeAsync() => _host = await StartAsync(Options);

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>Starts one more engine, with the same board.</summary>
    public Task<IEngineHost> StartAsync(EngineHostOptions options) =>
        EngineHosts.StartAsync(options with { ConfigureServices = services => services.AddSingleton(Board) });
}
