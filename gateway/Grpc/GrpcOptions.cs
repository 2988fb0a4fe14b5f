namespace IotPlatform.Grpc;

/// <summary>The limits of the gRPC server.</summary>
internal sealed record GrpcOptions
{
    /// <summary>The largest request message in bytes, before and after decompression. 4 MiB, which is what gRPC servers take by custom.</summary>
    public int ReceiveMessageBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>The largest response message in bytes. 4 MiB: what gRPC clients take by default.</summary>
    public int SendMessageBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Response messages of at least this many bytes are compressed for callers that accept it; null: none are. 1 KiB: below it a message fits
    /// one packet anyway.
    /// </summary>
    public int? CompressResponseBytesMin { get; init; } = 1024;
}
