namespace IotPlatform.Grpc;

/// <summary>How a handler refuses a call. The message reaches the caller: it says which field and why, and holds no secrets.</summary>
internal sealed class RpcException(StatusCode code, string message, Exception? innerException = null, TimeSpan? retryAfter = null) : Exception(message, innerException)
{
    /// <summary>The status that the caller gets.</summary>
    public RpcStatus Status { get; } = new(code, message, retryAfter);

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.Code;
}
