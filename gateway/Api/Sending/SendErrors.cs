using Google.Protobuf.WellKnownTypes;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api.Sending;

/// <summary>Why one message of many was refused, as a message of the contract.</summary>
internal static class SendErrors
{
    /// <summary>What a call for this one alone would have been refused with.</summary>
    public static SendError ToError(this Refusal refusal) => Of((int)refusal.Code, refusal.Message, refusal.RetryAfter);

    /// <inheritdoc cref="ToError(Refusal)"/>
    public static SendError ToError(this in RpcStatus status) => Of((int)status.Code, status.Message, status.RetryAfter);

    // The numbers are those of gRPC.
    private static SendError Of(int code, string message, TimeSpan? retryAfter) =>
        new() { Code = (SendError.Types.Code)code, Message = message, RetryAfter = retryAfter?.ToDuration() };
}
