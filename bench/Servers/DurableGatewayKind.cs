namespace IotPlatform.Bench.Servers;

/// <summary>Gateways that can be restarted on their data.</summary>
internal sealed class DurableGatewayKind(string path, IReadOnlyDictionary<string, string> settings) : IServerKind
{
    public string Name => "gateway";

    public string? WhyAbsent() => File.Exists(path) ? null : $"there is no gateway at {path}";

    public IServer Start() => new DurableGateway(path, settings);
}
