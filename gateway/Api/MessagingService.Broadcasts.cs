using System.Globalization;
using IotPlatform.Broadcasts;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <content>Broadcasts.</content>
internal sealed partial class MessagingService
{
    public async Task<PubBroadcastResponse> PubBroadcastAsync(PubBroadcastRequest request, CallContext context)
    {
        var productKey = await ExistingProductAsync(request.ProductKey);
        var receipt = (await Root(productKey).PublishAsync(BroadcastRequests.ToPublish(request))).OrThrow();
        return new PubBroadcastResponse
        {
            MessageId = receipt.MessageId,
            Targeted = receipt.Tally.Targeted,
            Written = receipt.Tally.Written,
            Dropped = receipt.Tally.Dropped,
            Unknown = receipt.Tally.Unknown,
            Waiting = receipt.Tally.Waiting,
        };
    }

    public async Task<Broadcast> GetBroadcastAsync(GetBroadcastRequest request, CallContext context) =>
        (await Root(Requests.ProductKey(request.ProductKey)).GetAsync(request.MessageId)).OrThrow().ToMessage();

    public async Task WatchBroadcastAsync(GetBroadcastRequest request, IServerStreamWriter<Broadcast> responses, CallContext context)
    {
        var root = Root(Requests.ProductKey(request.ProductKey));
        BroadcastReceipt? told = null;
        while (true)
        {
            var receipt = (await root.GetAsync(request.MessageId)).OrThrow();
            if (!receipt.IsSameAs(told))
            {
                await responses.WriteAsync(receipt.ToMessage());
                told = receipt;
            }

            if (receipt.CompletedAt is not null)
            {
                return;
            }

            await watch.WaitAsync(context.CancellationToken);
        }
    }

    public async Task<ListBroadcastsResponse> ListBroadcastsAsync(ListBroadcastsRequest request, CallContext context)
    {
        var page = await Root(Requests.ProductKey(request.ProductKey)).ListAsync(Requests.NumberToken(request.PageToken), Requests.PageSize(request.PageSize));
        var response = new ListBroadcastsResponse { NextPageToken = page.NextBefore?.ToString(CultureInfo.InvariantCulture) ?? "" };
        response.Broadcasts.AddRange(page.Receipts.Select(static receipt => receipt.ToMessage()));
        return response;
    }

    public async Task<Broadcast> CancelBroadcastAsync(CancelBroadcastRequest request, CallContext context) =>
        (await Root(Requests.ProductKey(request.ProductKey)).CancelAsync(request.MessageId)).OrThrow().ToMessage();

    public async Task<ListBroadcastUnacknowledgedResponse> ListBroadcastUnacknowledgedAsync(ListBroadcastUnacknowledgedRequest request, CallContext context)
    {
        var after = Requests.NameToken(request.PageToken, Names.IsDeviceName);
        var page = (await Root(Requests.ProductKey(request.ProductKey)).ListUnacknowledgedAsync(request.MessageId, after, Requests.PageSize(request.PageSize))).OrThrow();
        var response = new ListBroadcastUnacknowledgedResponse { NextPageToken = page.HasMore ? page.Names[^1] : "" };
        response.DeviceNames.AddRange(page.Names);
        return response;
    }

    public async Task<Broadcast> RetryBroadcastAsync(RetryBroadcastRequest request, CallContext context) =>
        (await Root(Requests.ProductKey(request.ProductKey)).RetryAsync(request.MessageId)).OrThrow().ToMessage();

    private IBroadcastGrain Root(string productKey) => grains.GetGrain<IBroadcastGrain>(IBroadcastGrain.KeyOf(productKey));
}
