using IotPlatform.Grpc;

namespace IotPlatform.Api.Rest;

/// <summary>A request that does not get as far as its handler.</summary>
/// <param name="Status">What the caller is told.</param>
/// <param name="HttpStatus">The HTTP status.</param>
internal sealed record RestRefusal(RpcStatus Status, int HttpStatus)
{
    /// <summary>400: what the caller sent is wrong.</summary>
    public static RestRefusal Invalid(string message) => new(new(StatusCode.InvalidArgument, message), StatusCodes.Status400BadRequest);
}
