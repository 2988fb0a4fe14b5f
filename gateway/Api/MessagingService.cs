using System.Globalization;
using IotPlatform.Api.Invoking;
using IotPlatform.Api.Sending;
using IotPlatform.Api.StatusEvents;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Products;
using IotPlatform.Protos.V1;
using DeviceMessage = IotPlatform.Protos.V1.DeviceMessage;

namespace IotPlatform.Api;

/// <summary><c>iot.v1.Messaging</c>: checks requests and turns them into grain calls.</summary>
internal sealed partial class MessagingService(
    IGrainFactory grains, ProductCache products, MessageSender sender, MessageStreams streams, MessageBatches batches, DeviceInvocations invocations, DeviceMessageEvents events, WatchPace watch)
{
    public GrpcServiceDefinition Definition() => GrpcServiceDefinition.For(MessagingReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Messaging"))
        .Unary<PubBroadcastRequest, PubBroadcastResponse>("PubBroadcast", PubBroadcastAsync)
        .Unary<GetBroadcastRequest, Broadcast>("GetBroadcast", GetBroadcastAsync)
        .ServerStreaming<GetBroadcastRequest, Broadcast>("WatchBroadcast", WatchBroadcastAsync)
        .Unary<ListBroadcastsRequest, ListBroadcastsResponse>("ListBroadcasts", ListBroadcastsAsync)
        .Unary<CancelBroadcastRequest, Broadcast>("CancelBroadcast", CancelBroadcastAsync)
        .Unary<ListBroadcastUnacknowledgedRequest, ListBroadcastUnacknowledgedResponse>("ListBroadcastUnacknowledged", ListBroadcastUnacknowledgedAsync)
        .Unary<RetryBroadcastRequest, Broadcast>("RetryBroadcast", RetryBroadcastAsync)
        .Unary<SendDeviceMessageRequest, DeviceMessage>("SendDeviceMessage", SendDeviceMessageAsync)
        .Unary<GetDeviceMessageRequest, DeviceMessage>("GetDeviceMessage", GetDeviceMessageAsync)
        .Unary<ListDeviceMessagesRequest, ListDeviceMessagesResponse>("ListDeviceMessages", ListDeviceMessagesAsync)
        .Unary<ListProductMessagesRequest, ListProductMessagesResponse>("ListProductMessages", ListProductMessagesAsync)
        .Unary<CancelDeviceMessageRequest, DeviceMessage>("CancelDeviceMessage", CancelDeviceMessageAsync)
        .Unary<PurgeDeviceMessagesRequest, PurgeDeviceMessagesResponse>("PurgeDeviceMessages", PurgeDeviceMessagesAsync)
        .Bidirectional<SendDeviceMessagesRequest, SendDeviceMessagesResponse>("SendDeviceMessages", streams.RunAsync)
        .Unary<BatchSendDeviceMessageRequest, BatchSendDeviceMessageResponse>("BatchSendDeviceMessage", batches.SendAsync)
        .Unary<InvokeDeviceRequest, InvokeDeviceResponse>("InvokeDevice", invocations.InvokeAsync)
        .ServerStreaming<WatchDeviceMessagesRequest, WatchDeviceMessagesResponse>("WatchDeviceMessages", events.WatchAsync)
        .Unary<ListDeviceMessageEventsRequest, ListDeviceMessageEventsResponse>("ListDeviceMessageEvents", events.ListAsync)
        .Build();

    public async Task<DeviceMessage> SendDeviceMessageAsync(SendDeviceMessageRequest request, CallContext context) =>
        (await sender.SendAsync(await sender.CheckAsync(request), context.Caller)).OrThrow().ToMessage();

    public async Task<DeviceMessage> GetDeviceMessageAsync(GetDeviceMessageRequest request, CallContext context)
    {
        var device = Requests.Device(request.ProductKey, request.DeviceName);
        return (await Grain(device).GetMessageAsync(Requests.MessageId(request.MessageId) ?? "")).OrThrow().ToMessage();
    }

    public async Task<ListDeviceMessagesResponse> ListDeviceMessagesAsync(ListDeviceMessagesRequest request, CallContext context)
    {
        var device = Requests.Device(request.ProductKey, request.DeviceName);
        var page = new ListDeviceMessages(request.Status.ToStatus(), Requests.PageSize(request.PageSize), Requests.NumberToken(request.PageToken));
        var answer = (await Grain(device).ListMessagesAsync(page)).OrThrow();
        var response = new ListDeviceMessagesResponse { NextPageToken = answer.NextBeforeSequence?.ToString(CultureInfo.InvariantCulture) ?? "" };
        response.Messages.AddRange(answer.Messages.Select(static m => m.ToMessage()));
        return response;
    }

    public async Task<ListProductMessagesResponse> ListProductMessagesAsync(ListProductMessagesRequest request, CallContext context)
    {
        var product = grains.GetGrain<IProductGrain>(IProductGrain.KeyOf(Requests.ProductKey(request.ProductKey)));
        var after = Requests.PlaceToken(request.PageToken);
        var answer = (await product.ListMessagesAsync(new ListProductMessages(request.Status.ToStatus(), Requests.PageSize(request.PageSize), after))).OrThrow();
        var response = new ListProductMessagesResponse { NextPageToken = answer.Next is { } next ? Requests.ToToken(next) : "" };
        response.Messages.AddRange(answer.Messages.Select(static m => m.ToMessage()));
        return response;
    }

    public async Task<DeviceMessage> CancelDeviceMessageAsync(CancelDeviceMessageRequest request, CallContext context)
    {
        var device = Requests.Device(request.ProductKey, request.DeviceName);
        return (await Grain(device).CancelMessageAsync(Requests.MessageId(request.MessageId) ?? "")).OrThrow().ToMessage();
    }

    public async Task<PurgeDeviceMessagesResponse> PurgeDeviceMessagesAsync(PurgeDeviceMessagesRequest request, CallContext context) =>
        new() { Purged = (await Grain(Requests.Device(request.ProductKey, request.DeviceName)).PurgeMessagesAsync()).OrThrow().Count };

    private ValueTask<string> ExistingProductAsync(string productKey) => products.RequireAsync(productKey);

    private IDeviceGrain Grain(DeviceId device) => grains.GetGrain<IDeviceGrain>(device.GrainKey);
}
