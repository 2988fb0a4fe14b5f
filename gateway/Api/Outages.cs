using IotPlatform.Grpc;

namespace IotPlatform.Api;

/// <summary>What a caller is told when a part of the platform is away: that it is not the call's fault, and that it may be repeated.</summary>
internal static class Outages
{
    /// <returns>Null when it is no outage.</returns>
    public static RpcStatus? StatusOf(Exception thrown) => thrown switch
    {
        StoreUnavailableException => Unavailable("The store does not answer."),
        LimitExceededException => new RpcStatus(StatusCode.ResourceExhausted, "Too many calls wait for this; try again later."),

        // The caller has not given up, so it was the part that answers: a silo that is ending.
        OrleansException or TimeoutException or OperationCanceledException => Unavailable("The part of the platform that answers this can not be reached."),
        _ => null,
    };

    private static RpcStatus Unavailable(string what) =>
        new(StatusCode.Unavailable, $"{what} Whether the call was carried out is not known: repeat it, a message with the same id.");
}
