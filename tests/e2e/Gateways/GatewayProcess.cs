using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>The real gateway as a process of its own, on its own ports and data. It can be killed, and started again on the same ones.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string AdminKey = "e2e-0123456789abcdef";

    private const int LogLinesMax = 500;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly string _data = Directory.CreateTempSubdirectory("iot-e2e-").FullName;
    private readonly int _mqttPort = Ports.Next();
    private readonly int _httpPort = Ports.Next();
    private readonly int _grpcPort = Ports.Next();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly string _environment;
    private readonly (string Name, string Value)[] _settings;
    private Process? _process;

    private GatewayProcess(string environment, (string Name, string Value)[] settings)
    {
        (_environment, _settings) = (environment, settings);
        Api = new RestApi(new Uri($"http://127.0.0.1:{_httpPort}"), AdminKey);
    }

    public IPEndPoint Mqtt => new(IPAddress.Loopback, _mqttPort);

    public string GrpcAuthority => $"127.0.0.1:{_grpcPort}";

    public Uri HttpAddress => Api.Address;

    /// <summary>Its REST API, called with the right key.</summary>
    public RestApi Api { get; }

    /// <summary>The last lines that it wrote.</summary>
    public string Log => string.Join('\n', _log);

    public static async Task<GatewayProcess> StartAsync(string environment = "Development", params (string Name, string Value)[] settings)
    {
        var gateway = new GatewayProcess(environment, settings);
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
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "IotPlatform.Gateway.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _data,
        };
        foreach (var (name, value) in Settings())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Deadline.UntilAsync(IsReadyAsync, static isReady => isReady, "the gateway is ready", StartPatience);
    }

    /// <summary>Ends it with SIGKILL: nothing of it runs any more.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to stop, with SIGTERM, and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString()]);
        await kill.WaitForExitAsync();
        await Deadline.WithinAsync(_process.WaitForExitAsync(), $"the gateway stops after SIGTERM; its log:\n{Log}", patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Api.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private (string Name, string Value)[] Settings() =>
    [
        ("ASPNETCORE_ENVIRONMENT", _environment),
        ("Mqtt__Address", "127.0.0.1"),
        ("Mqtt__Port", $"{_mqttPort}"),
        ("Http__Port", $"{_httpPort}"),
        ("Grpc__Port", $"{_grpcPort}"),
        ("Data__Path", _data),
        ("Bootstrap__AdminKey", AdminKey),
        ("Logging__LogLevel__Default", "Warning"),
        .. _settings,
    ];

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
        {
            await _process.WaitForExitAsync();
            throw new InvalidOperationException($"The gateway ended while it started; its log:\n{Log}");
        }

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

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        while (_log.Count > LogLinesMax)
        {
            _log.TryDequeue(out _);
        }
    }
}
