using IotPlatform.Api.Access;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using DeviceMessage = IotPlatform.Devices.DeviceMessage;

namespace IotPlatform.Api.Sending;

/// <summary>Sends messages to single devices: with the same checks and within the same limits, whichever way they come.</summary>
internal sealed class MessageSender(IGrainFactory grains, ProductCache products, SendLimits limits)
{
    /// <summary>Source: Alibaba Cloud IoT and Huawei IoTDA, messages to a device.</summary>
    public const int PayloadBytesMax = 256 * 1024;

    private static readonly TimeSpan TimeToLiveDefault = TimeSpan.FromDays(1);
    private static readonly TimeSpan TimeToLiveMax = TimeSpan.FromDays(7);

    /// <summary>Checks a request. Waits for its product only where that is not known.</summary>
    /// <exception cref="RpcException">What is wrong with it.</exception>
    public async ValueTask<MessageToSend> CheckAsync(SendDeviceMessageRequest request)
    {
        var productKey = await products.RequireAsync(request.ProductKey);
        return new MessageToSend(Requests.Device(productKey, request.DeviceName), Content(request));
    }

    /// <summary>Checks what a request says beside the device.</summary>
    /// <exception cref="RpcException">What is wrong with it.</exception>
    public static SendDeviceMessage Content(SendDeviceMessageRequest request) => new(
        Requests.MessageId(request.MessageId),
        Requests.DisplayName(request.Name),
        Requests.Payload(request.Payload, PayloadBytesMax, "payload"),
        request.Topic.Length == 0 ? null : Requests.Topic(request.Topic, "topic"),
        request.HasQos ? Requests.QoS(request.Qos) : 1,
        TimeToLive(request));

    /// <summary>Sends a message that was checked: it is durable once this has answered with it.</summary>
    public Task<Reply<DeviceMessage>> SendAsync(MessageToSend message, Caller caller) =>
        limits.TryTake(message.Device.ProductKey, caller) is { } refusal
            ? Task.FromResult<Reply<DeviceMessage>>(refusal)
            : grains.GetGrain<IDeviceGrain>(message.Device.GrainKey).SendAsync(message.Content);

    private static TimeSpan TimeToLive(SendDeviceMessageRequest request) =>
        !request.HasTtl ? TimeToLiveDefault
        : request.Ttl >= 0 && request.Ttl <= TimeToLiveMax.TotalSeconds ? TimeSpan.FromSeconds(request.Ttl)
        : throw Refusals.Invalid($"ttl must be 0 to {TimeToLiveMax.TotalSeconds} seconds.");
}
