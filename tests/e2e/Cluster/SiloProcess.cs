using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>
/// A silo as a process of its own. It can be killed, frozen and stopped, and started again on the same ports. One that ends by itself, because the cluster has
/// declared it dead, is started again, as Kubernetes would.
/// </summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Membership _membership;
    private readonly ServerProcess _process;
    private int _generation;
    private int _restarts;

    public SiloProcess(string program, Membership membership, params IEnumerable<(string Name, string Value)> settings)
    {
        _membership = membership;
        _process = new ServerProcess("The silo", program, [
            ("DOTNET_ENVIRONMENT", "Development"),
            ("Silo__Port", $"{Port}"),
            ("Silo__GatewayPort", $"{Ports.Next()}"),
            ("Silo__AdvertisedAddress", "127.0.0.1"),
            ("Logging__LogLevel__Default", "Warning"),
            .. settings,
        ]);
    }

    public int Port { get; } = Ports.Next();

    /// <summary>How often it ended by itself, and was started again.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    public bool IsRunning => _process.IsRunning;

    public string Log => _process.Log;

    /// <summary>Starts it, again after <see cref="Kill"/> or <see cref="StopAsync"/>, and waits until it is a member.</summary>
    public Task StartAsync()
    {
        Launch();
        return UntilActiveAsync();
    }

    /// <summary>Starts it, and does not wait.</summary>
    public void Launch()
    {
        // Until it has been a member once: what can not start is not to be started for ever.
        _process.EndedByItself = null;
        _process.Launch();
    }

    /// <summary>Waits until the process that was launched last is a member.</summary>
    public async Task UntilActiveAsync()
    {
        var active = await _process.UntilAsync(_membership.ActiveAsync, active => active.Any(IsThis), "is a member of the cluster", StartPatience);
        _generation = active.Where(IsThis).Max(static silo => silo.Generation);
        _process.EndedByItself = RestartBehind;
    }

    public void Kill() => _process.Kill();

    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    /// <returns>The exit code.</returns>
    public Task<int> StopAsync(TimeSpan patience) => _process.StopAsync(patience);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private bool IsThis((int Port, int Generation) silo) => silo.Port == Port && silo.Generation > _generation;

    private void RestartBehind()
    {
        _process.Launch();

        // Now, so that who has seen it waits for the new process.
        Interlocked.Increment(ref _restarts);
    }
}
