namespace IotPlatform.Bench.Servers;

/// <summary>A server that was started does not serve; the message ends with what it said last.</summary>
internal sealed class ServerStartException(string message) : Exception(message);
