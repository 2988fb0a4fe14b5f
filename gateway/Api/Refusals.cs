using IotPlatform.Grpc;

namespace IotPlatform.Api;

/// <summary>How what the grains refuse, and what a request gets wrong, reaches the caller.</summary>
internal static class Refusals
{
    /// <summary>The value, or the refusal as the status of the same name.</summary>
    public static T OrThrow<T>(this Reply<T> reply)
        where T : class =>
        reply.Value ?? throw new RpcException((StatusCode)(int)reply.Refusal!.Code, reply.Refusal.Message, retryAfter: reply.Refusal.RetryAfter);

    public static RpcException Invalid(string message) => new(StatusCode.InvalidArgument, message);

    public static RpcException NotFound(string message) => new(StatusCode.NotFound, message);
}
