namespace IotPlatform.Grpc.Protocol;

/// <summary>The content types of gRPC with protobuf messages. [PROTOCOL-HTTP2 Content-Type]</summary>
internal static class GrpcContentType
{
    /// <summary>What every answer carries.</summary>
    public const string Value = "application/grpc";

    /// <summary>Tells gRPC from everything else; gRPC-Web and other message formats are else.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(Value, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = contentType.AsSpan(Value.Length);
        if (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["+proto".Length..];
        }

        return rest.IsEmpty || rest[0] is ';' or ' ';
    }
}
