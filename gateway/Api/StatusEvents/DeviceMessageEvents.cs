using Google.Protobuf.WellKnownTypes;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.StatusEvents;
using Status = IotPlatform.Protos.V1.DeviceMessage.Types.Status;

namespace IotPlatform.Api.StatusEvents;

/// <summary>The status events of messages, for those who watch or ask.</summary>
internal sealed class DeviceMessageEvents(IGrainFactory grains, WatchPace watch, TimeProvider time)
{
    private const string Earliest = "earliest";

    /// <summary>Without an event for so long, whoever watches gets a position.</summary>
    private static readonly TimeSpan PositionInterval = TimeSpan.FromSeconds(10);

    /// <summary><c>WatchDeviceMessages</c>.</summary>
    public async Task WatchAsync(WatchDeviceMessagesRequest request, IServerStreamWriter<WatchDeviceMessagesResponse> responses, CallContext context)
    {
        var filter = Filter(request.ProductKey, request.DeviceName, request.Statuses);
        var next = request.Position.Length == 0 ? await Reader().GetEndAsync() : await PositionAsync(request.Position);
        await responses.WriteAsync(new WatchDeviceMessagesResponse { Position = next.ToString() });
        var toldAt = time.GetTimestamp();
        while (true)
        {
            var batch = await ReadAsync(next, filter);
            if (!batch.Events.IsEmpty)
            {
                await responses.WriteAllAsync([.. batch.Events.Select(static status => new WatchDeviceMessagesResponse { Event = ToMessage(status), Position = status.Position.ToString() })]);
                toldAt = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(toldAt) >= PositionInterval)
            {
                toldAt = time.GetTimestamp();
                await responses.WriteAsync(new WatchDeviceMessagesResponse { Position = batch.Next.ToString() });
            }

            next = batch.Next;
            if (batch.IsAtEnd)
            {
                await watch.WaitAsync(context.CancellationToken);
            }
            else
            {
                // Whoever begins far back reads for a while.
                watch.ThrowIfOver(context.CancellationToken);
            }
        }
    }

    /// <summary><c>ListDeviceMessageEvents</c>.</summary>
    public async Task<ListDeviceMessageEventsResponse> ListAsync(ListDeviceMessageEventsRequest request, CallContext context)
    {
        var filter = Filter(request.ProductKey, request.DeviceName, request.Statuses);
        var batch = await ReadAsync(await PositionAsync(request.PageToken), filter);
        var response = new ListDeviceMessageEventsResponse { NextPageToken = batch.Next.ToString(), AtEnd = batch.IsAtEnd };
        response.Events.AddRange(batch.Events.Select(ToMessage));
        return response;
    }

    /// <summary>Which events are asked for.</summary>
    internal static StatusEventFilter Filter(string productKey, string deviceName, IEnumerable<Status> statuses)
    {
        if (productKey.Length == 0 && deviceName.Length > 0)
        {
            throw Refusals.Invalid("deviceName must come with its productKey.");
        }

        return new StatusEventFilter(
            productKey.Length == 0 ? null : Requests.ProductKey(productKey),
            deviceName.Length == 0 ? null : Requests.DeviceName(deviceName),
            [.. statuses.Select(static status => status.ToStatus() ?? throw Refusals.Invalid("statuses must name none that is unspecified."))]);
    }

    private static DeviceMessageEvent ToMessage(StatusEvent status) => new()
    {
        ProductKey = status.Device.ProductKey,
        DeviceName = status.Device.DeviceName,
        MessageId = status.MessageId,
        Name = status.Name,
        Status = status.Status.ToMessage(),
        At = status.At.ToTimestamp(),
        Reason = status.Reason ?? "",
    };

    private async Task<StatusEventPosition> PositionAsync(string text)
    {
        if (text.Length == 0 || text == Earliest)
        {
            return StatusEventPosition.Start;
        }

        // Behind the end nothing was given out: whoever waited there would miss what comes.
        return StatusEventPosition.TryParse(text, out var position) && !(await Reader().GetEndAsync()).IsBefore(position)
            ? position
            : throw Refusals.Invalid("position is none that was given out.");
    }

    private async Task<StatusEventBatch> ReadAsync(StatusEventPosition after, StatusEventFilter filter)
    {
        var batch = await Reader().ReadAsync(after, filter);
        return !batch.IsGapBefore
            ? batch
            : throw new RpcException(StatusCode.OutOfRange, $"What follows {after} is not kept any more; \"{Earliest}\" begins with the first that is.");
    }

    private IStatusEventsGrain Reader() => grains.GetGrain<IStatusEventsGrain>(IStatusEventsGrain.GrainKey);
}
