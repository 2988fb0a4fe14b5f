using Google.Protobuf.Collections;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api.Sending;

/// <summary>Sends one message to each of many devices.</summary>
internal sealed class MessageBatches(MessageSender sender, ProductCache products, ILogger<MessageBatches> logger)
{
    private const int DevicesMax = 1_000;

    /// <summary>Of one call: enough for a store that commits what comes meanwhile together, few enough to leave room for others.</summary>
    private const int AtOnceMax = 64;

    /// <summary><c>iot.v1.Messaging/BatchSendDeviceMessage</c>.</summary>
    public async Task<BatchSendDeviceMessageResponse> SendAsync(BatchSendDeviceMessageRequest request, CallContext context)
    {
        var deviceNames = request.DeviceNames;
        Check(deviceNames);
        var content = MessageSender.Content(Shared(request));
        var productKey = await products.RequireAsync(request.ProductKey);
        var outcomes = new DeviceOutcome[deviceNames.Count];
        var bounds = new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = context.CancellationToken };
        await Parallel.ForAsync(0, outcomes.Length, bounds, async (i, _) => outcomes[i] = await SendAsync(productKey, deviceNames[i], content, context));
        return new BatchSendDeviceMessageResponse { Outcomes = { outcomes } };
    }

    private async Task<DeviceOutcome> SendAsync(string productKey, string deviceName, SendDeviceMessage content, CallContext context)
    {
        try
        {
            var reply = await sender.SendAsync(new MessageToSend(Requests.Device(productKey, deviceName), content), context.Caller);
            return reply.Value is { } accepted
                ? new DeviceOutcome { DeviceName = deviceName, MessageId = accepted.MessageId }
                : new DeviceOutcome { DeviceName = deviceName, Error = reply.Refusal!.ToError() };
        }
        catch (Exception thrown)
        {
            return new DeviceOutcome { DeviceName = deviceName, Error = HandlerFault.ToStatus(thrown, context.Method, logger).ToError() };
        }
    }

    private static void Check(RepeatedField<string> deviceNames)
    {
        if (deviceNames.Count is 0 or > DevicesMax)
        {
            throw Refusals.Invalid($"deviceNames must be 1 to {DevicesMax}.");
        }

        var known = new HashSet<string>(deviceNames.Count, StringComparer.Ordinal);
        foreach (var deviceName in deviceNames)
        {
            if (!known.Add(deviceName))
            {
                throw Refusals.Invalid($"deviceNames: {deviceName} is named twice.");
            }
        }
    }

    // What all share is checked as that of one.
    private static SendDeviceMessageRequest Shared(BatchSendDeviceMessageRequest batch)
    {
        var request = new SendDeviceMessageRequest { MessageId = batch.MessageId, Name = batch.Name, Payload = batch.Payload, Topic = batch.Topic };
        if (batch.HasQos)
        {
            request.Qos = batch.Qos;
        }

        if (batch.HasTtl)
        {
            request.Ttl = batch.Ttl;
        }

        return request;
    }
}
