namespace IotPlatform.Grpc.Protocol;

/// <summary>The names of gRPC's own header fields. [PROTOCOL-HTTP2]</summary>
internal static class GrpcHeaders
{
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";

    /// <summary>When a client may repeat the call, in milliseconds. [gRFC A6]</summary>
    public const string RetryPushback = "grpc-retry-pushback-ms";
}
