namespace IotPlatform.Grpc;

/// <summary>How a call ended, and what the caller is told about it.</summary>
/// <param name="Code">How it ended.</param>
/// <param name="Message">Why, in words.</param>
/// <param name="RetryAfter">When the same call may succeed, where that is known.</param>
internal readonly record struct RpcStatus(StatusCode Code, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>The call succeeded.</summary>
    public static RpcStatus Ok => new(StatusCode.OK, "");

    /// <summary>The caller's deadline has passed.</summary>
    public static RpcStatus DeadlineExceeded => new(StatusCode.DeadlineExceeded, "The deadline has passed.");

    /// <summary>The caller gave the call up.</summary>
    public static RpcStatus Cancelled => new(StatusCode.Cancelled, "The caller gave the call up.");

    /// <summary>A handler failed without saying how; what it threw stays in the server's log.</summary>
    public static RpcStatus HandlerFailed => new(StatusCode.Unknown, "The call failed; the server's log says why.");
}
