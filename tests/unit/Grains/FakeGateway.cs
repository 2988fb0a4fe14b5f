using System.Collections.Concurrent;
using IotPlatform.Broadcasts;
using IotPlatform.Clients;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Orders;
using IotPlatform.Products;
using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>A gateway shard that notes what grains ask of it, and answers what a test wants.</summary>
internal sealed class FakeGateway : IGatewayObserver
{
    public ConcurrentQueue<DeliverRequest> Requests { get; } = new();

    public ConcurrentQueue<CloseRequest> Closes { get; } = new();

    public ConcurrentQueue<BroadcastBatch> Batches { get; } = new();

    public ConcurrentQueue<(string ProductKey, ProductView? Product)> ProductChanges { get; } = new();

    public Func<DeliverRequest, Task<DeliverReply>> OnDeliver { get; set; } = static request => Task.FromResult(All(request, DeliveryOutcome.Written));

    public Func<BroadcastBatch, Task<BroadcastTallies>> OnBroadcast { get; set; } =
        static batch => Task.FromResult(new BroadcastTallies([.. batch.Messages.Select(static _ => new BroadcastTally(1, 1, 0, 0))]));

    public string[] DeliveredIds => [.. Requests.SelectMany(static r => r.Deliveries).Select(static d => d.MessageId)];

    public static DeliverReply All(DeliverRequest request, DeliveryOutcome outcome) => new([.. request.Deliveries.Select(_ => outcome)]);

    public ConcurrentQueue<SessionPush> Pushes { get; } = new();

    public Func<SessionPush, bool> OnPush { get; set; } = static _ => true;

    public Task<SessionPushReply> PushAsync(SessionPushBatch batch)
    {
        foreach (var push in batch.Sessions)
        {
            Pushes.Enqueue(push);
        }

        return Task.FromResult(new SessionPushReply([.. batch.Sessions.Select(OnPush)]));
    }

    public Task<DeliverReply> DeliverAsync(DeliverRequest request)
    {
        Requests.Enqueue(request);
        return OnDeliver(request);
    }

    public ConcurrentQueue<DeliverBatch> DeliverBatches { get; } = new();

    public async Task<DeliverBatchReply> DeliverAllAsync(DeliverBatch batch)
    {
        DeliverBatches.Enqueue(batch);
        return new([.. await Task.WhenAll(batch.Requests.Select(DeliverAsync))]);
    }

    public ConcurrentQueue<InvokeRequest> Invocations { get; } = new();

    public Func<InvokeRequest, CancellationToken, Task<Reply<InvocationResult>>> OnInvoke { get; set; } =
        static (request, _) => Task.FromResult<Reply<InvocationResult>>(new InvocationResult(request.RequestId, InvocationOutcome.Success, request.Request.Payload, TimeSpan.Zero));

    public Task<Reply<InvocationResult>> InvokeAsync(InvokeRequest request, CancellationToken cancellationToken)
    {
        Invocations.Enqueue(request);
        return OnInvoke(request, cancellationToken);
    }

    public Task CloseAsync(CloseRequest request)
    {
        Closes.Enqueue(request);
        return Task.CompletedTask;
    }

    public Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch)
    {
        Batches.Enqueue(batch);
        return OnBroadcast(batch);
    }

    public ConcurrentQueue<BroadcastSteps> Steps { get; } = new();

    public ConcurrentQueue<RetryRequest> Retries { get; } = new();

    /// <summary>What it says of a lasting broadcast: as a rule that it has one device, which has not acknowledged, and nothing to do.</summary>
    public Func<BroadcastStep, BroadcastProgress> OnFollow { get; set; } =
        static step => new BroadcastProgress(step.MessageId, IsKnown: true, new BroadcastTally(1, 1, 0, 0), step.IsOver ? 0 : 1, 0, [], HasMoreNotes: false);

    public Func<RetryRequest, Task> OnRetry { get; set; } = static _ => Task.CompletedTask;

    public Func<string?, string[]> OnListUnacknowledged { get; set; } = static _ => [];

    /// <summary>What it waits for before it goes on.</summary>
    public Func<BroadcastSteps, Task> BeforeFollow { get; set; } = static _ => Task.CompletedTask;

    public async Task<BroadcastProgressReply> FollowAsync(BroadcastSteps steps)
    {
        Steps.Enqueue(steps);
        await BeforeFollow(steps);
        return new BroadcastProgressReply([.. steps.Steps.Select(OnFollow)]);
    }

    public Task RetryAsync(RetryRequest request)
    {
        Retries.Enqueue(request);
        return OnRetry(request);
    }

    public Task<DeviceNamePage> ListUnacknowledgedAsync(long messageId, string? after, int size)
    {
        var names = OnListUnacknowledged(after);
        return Task.FromResult(new DeviceNamePage([.. names.Take(size)], names.Length > size));
    }

    public Task ProductChangedAsync(string productKey, ProductView? product)
    {
        ProductChanges.Enqueue((productKey, product));
        return Task.CompletedTask;
    }

    public ConcurrentQueue<(long ConnectionId, DeviceTags Tags)> TagChanges { get; } = new();

    public Func<Task> OnTagsChanged { get; set; } = static () => Task.CompletedTask;

    public Task TagsChangedAsync(long connectionId, DeviceTags tags)
    {
        TagChanges.Enqueue((connectionId, tags));
        return OnTagsChanged();
    }

    public ConcurrentQueue<StandingOrders> Orders { get; } = new();

    public Func<long, ClientView?> OnFindClient { get; set; } = static _ => null;

    public Task<ClientView?> FindClientAsync(long connectionId) => Task.FromResult(OnFindClient(connectionId));

    public Task<ClientList> ListClientsAsync(ClientQuery query) => Task.FromResult(new ClientList([]));

    public Func<Task> OnObey { get; set; } = static () => Task.CompletedTask;

    public Task ObeyAsync(StandingOrders orders)
    {
        Orders.Enqueue(orders);
        return OnObey();
    }

    public Task<TraceReading> ReadTraceAsync(string traceId, long from, int size) => Task.FromResult(new TraceReading(new GatewayId("g"), [], Lost: 0));
}
