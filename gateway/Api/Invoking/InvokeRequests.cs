using IotPlatform.Api.Sending;
using IotPlatform.Devices;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api.Invoking;

/// <summary>Checks a request to a device whose answer is waited for; a wrong field is refused by its name.</summary>
internal static class InvokeRequests
{
    private const int TimeoutSecondsDefault = 5;

    /// <summary>The grain calls on the way to the device wait for longer than this.</summary>
    private const int TimeoutSecondsMax = 30;

    public static InvokeDevice ToInvocation(InvokeDeviceRequest request) => new(
        Requests.Payload(request.Payload, MessageSender.PayloadBytesMax, "payload"),
        Requests.QoS(request.Qos),
        Timeout(request.Timeout),
        MessageProperties.Encode(request.ContentType, request.UserProperties));

    private static TimeSpan Timeout(int seconds) =>
        seconds is >= 0 and <= TimeoutSecondsMax
            ? TimeSpan.FromSeconds(seconds == 0 ? TimeoutSecondsDefault : seconds)
            : throw Refusals.Invalid($"timeout must be 1 to {TimeoutSecondsMax} seconds, or 0 for {TimeoutSecondsDefault}.");
}
