using System.Net;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>The real gateway as a process of its own, on its own ports and data. It can be killed, and started again on the same ones.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string AdminKey = "e2e-0123456789abcdef";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly int _mqttPort = Ports.Next();
    private readonly int _httpPort = Ports.Next();
    private readonly int _grpcPort = Ports.Next();
    private readonly ServerProcess _process;

    /// <summary>Makes one, and does not start it.</summary>
    /// <param name="program">The gateway's program.</param>
    /// <param name="environment">Development, or what is closed until opened.</param>
    /// <param name="settings">Settings over those that every gateway here has.</param>
    public GatewayProcess(string program, string environment, params IEnumerable<(string Name, string Value)> settings)
    {
        _process = new ServerProcess("The gateway", program, [
            ("ASPNETCORE_ENVIRONMENT", environment),
            ("Mqtt__Address", "127.0.0.1"),
            ("Mqtt__Port", $"{_mqttPort}"),
            ("Http__Port", $"{_httpPort}"),
            ("Grpc__Port", $"{_grpcPort}"),
            ("Data__Path", "data"),
            ("Bootstrap__AdminKey", AdminKey),
            ("Logging__LogLevel__Default", "Warning"),
            .. settings,
        ]);
        Api = new RestApi(new Uri($"http://127.0.0.1:{_httpPort}"), AdminKey);
    }

    /// <summary>The gateway of this build.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "IotPlatform.Gateway.dll");

    public IPEndPoint Mqtt => new(IPAddress.Loopback, _mqttPort);

    public string GrpcAuthority => $"127.0.0.1:{_grpcPort}";

    public Uri HttpAddress => Api.Address;

    /// <summary>Its REST API, called with the right key.</summary>
    public RestApi Api { get; }

    public bool IsRunning => _process.IsRunning;

    /// <summary>The last lines that it wrote.</summary>
    public string Log => _process.Log;

    public static async Task<GatewayProcess> StartAsync(string environment = "Development", params (string Name, string Value)[] settings)
    {
        var gateway = new GatewayProcess(Program, environment, settings);
        try
        {
            await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again after <see cref="Kill"/> or <see cref="StopAsync"/>.</summary>
    public Task StartAsync()
    {
        Launch();
        return UntilReadyAsync();
    }

    /// <summary>Starts it, and does not wait.</summary>
    public void Launch() => _process.Launch();

    /// <summary>Waits until it says that it is ready.</summary>
    public Task UntilReadyAsync() => _process.UntilAsync(IsReadyAsync, static isReady => isReady, "is ready", StartPatience);

    /// <summary>Whether it says that it is ready.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Api.Http.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Ends it with SIGKILL: nothing of it runs any more.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to stop, with SIGTERM, and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync(TimeSpan patience) => _process.StopAsync(patience);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Api.Dispose();
    }
}
