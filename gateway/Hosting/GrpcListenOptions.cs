namespace IotPlatform.Hosting;

/// <summary>Where gRPC is served. Section <c>Grpc</c>.</summary>
public sealed class GrpcListenOptions
{
    /// <summary>The address to listen on. Default: every address.</summary>
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>The port, HTTP/2 only; 0 for a free one. Default 8081.</summary>
    public int Port { get; set; } = 8081;
}
