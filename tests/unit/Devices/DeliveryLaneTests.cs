using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>A delivery that is alone goes at once; in a crowd they travel together, and each gets its own answer.</summary>
public sealed class DeliveryLaneTests
{
    private readonly FakeGateway _gateway = new();
    private readonly DeliveryLane _lane;
    private int _waiting;

    public DeliveryLaneTests() => _lane = new DeliveryLane(_gateway, change => Interlocked.Add(ref _waiting, change));

    [Fact]
    public async Task Delivery_ThatIsAlone_GoesByItself_AtOnce()
    {
        var delivering = _lane.TryDeliver(Request(1))!;
        Assert.True(delivering.IsCompletedSuccessfully);
        Assert.Equal([DeliveryOutcome.Written], (await delivering).Outcomes.AsEnumerable());
        Assert.Empty(_gateway.DeliverBatches);
        Assert.Equal(0, _waiting);
    }

    [Fact]
    public async Task Deliveries_ThatComeMeanwhile_GoTogether_AndEachHasItsAnswer()
    {
        var held = Hold();
        var first = _lane.TryDeliver(Request(0))!;
        var together = Deliver(1, 5);
        Assert.Equal(5, _waiting);
        Assert.Single(_gateway.Requests);

        held.SetResult();
        await Task.WhenAll([first, .. together]).InTimeAsync();
        Assert.Equal(
            [1L, 2, 3, 4, 5],
            Assert.Single(_gateway.DeliverBatches).Requests.Select(static request => request.ConnectionId));

        // Whose connection is odd is told so.
        Assert.Equal(
            Enumerable.Range(0, 6).Select(static i => i % 2 == 0 ? DeliveryOutcome.Written : DeliveryOutcome.NotOpen),
            (await Task.WhenAll([first, .. together])).Select(static reply => Assert.Single(reply.Outcomes)));
        Assert.Equal(0, _waiting);
        await Patience.UntilAsync(_lane.TryClose);
    }

    [Fact]
    public async Task Call_HasNoMoreThanItMay()
    {
        var held = Hold();
        var first = _lane.TryDeliver(Request(0))!;
        var many = Deliver(10, DeliveryLane.BatchLengthMax + 1);
        var large = Enumerable.Range(0, 3).Select(i => _lane.TryDeliver(Request(10_000 + (2 * i), (DeliveryLane.BatchBytesMax / 2) - 10))!).ToArray();
        var larger = _lane.TryDeliver(Request(20_000, DeliveryLane.BatchBytesMax + 1))!;
        held.SetResult();
        await Task.WhenAll([first, .. many, .. large, larger]).InTimeAsync();
        Assert.All(_gateway.DeliverBatches, static batch =>
        {
            Assert.InRange(batch.Requests.Length, 2, DeliveryLane.BatchLengthMax);
            Assert.InRange(batch.Requests.Sum(static request => request.Deliveries.Sum(static delivery => delivery.Payload.Length + delivery.Topic.Length + delivery.MessageId.Length)), 0, DeliveryLane.BatchBytesMax);
        });
        Assert.Equal(DeliveryLane.BatchLengthMax + 6, _gateway.Requests.Count);
    }

    // Their devices may be connected elsewhere by the time that a gateway has been waited for once for each of them.
    [Fact]
    public async Task Gateway_ThatDoesNotAnswer_IsNotWaitedForByOthersInTurn()
    {
        var held = Hold();
        var first = _lane.TryDeliver(Request(0))!;
        var behind = Deliver(10, 3);
        held.SetException(new TimeoutException("No answer."));
        await Assert.ThrowsAsync<TimeoutException>(() => first.InTimeAsync());
        foreach (var delivering in behind)
        {
            Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<NotTriedException>(() => delivering.InTimeAsync())).InnerException);
        }

        Assert.Single(_gateway.Requests);
        Assert.Equal(0, _waiting);

        // And it is asked again.
        _gateway.OnDeliver = static request => Task.FromResult(FakeGateway.All(request, DeliveryOutcome.Written));
        Assert.Equal([DeliveryOutcome.Written], (await _lane.TryDeliver(Request(2))!.InTimeAsync()).Outcomes.AsEnumerable());
        await Patience.UntilAsync(_lane.TryClose);
    }

    [Fact]
    public async Task Batch_ThatFails_FailsThoseInIt()
    {
        var held = Hold();
        var first = _lane.TryDeliver(Request(0))!;
        var together = Deliver(10, 3);
        _gateway.OnDeliver = static _ => Task.FromException<DeliverReply>(new InvalidOperationException("No."));
        held.SetResult();
        await first.InTimeAsync();
        foreach (var delivering in together)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => delivering.InTimeAsync());
        }

        await Patience.UntilAsync(_lane.TryClose);
    }

    [Fact]
    public async Task Lane_IsClosed_WhileNothingIsUnderWay()
    {
        var held = Hold();
        var delivering = _lane.TryDeliver(Request(1))!;
        Assert.False(_lane.TryClose());
        held.SetResult();
        await delivering.InTimeAsync();
        Assert.True(_lane.TryClose());
        Assert.Null(_lane.TryDeliver(Request(1)));
    }

    [Fact]
    public async Task Lanes_OfShardsThatAreGone_AreDropped_WhenThereAreMany()
    {
        using var lanes = new DeliveryLanes();
        var held = Hold();
        var delivering = lanes.DeliverAsync(_gateway, Request(0));
        for (var i = 0; i < 3 * DeliveryLanes.IdleMax; i++)
        {
            await lanes.DeliverAsync(new FakeGateway(), Request(1));
            Assert.InRange(lanes.Count, 1, DeliveryLanes.IdleMax);
        }

        // Not the one with a call under way.
        held.SetResult();
        await delivering.InTimeAsync();
        Assert.Equal([DeliveryOutcome.Written], (await lanes.DeliverAsync(_gateway, Request(2))).Outcomes.AsEnumerable());
        Assert.Equal(2, _gateway.Requests.Count);
    }

    private TaskCompletionSource Hold()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gateway.OnDeliver = async request =>
        {
            await held.Task;
            return FakeGateway.All(request, request.ConnectionId % 2 == 0 ? DeliveryOutcome.Written : DeliveryOutcome.NotOpen);
        };
        return held;
    }

    private Task<DeliverReply>[] Deliver(int first, int count) => [.. Enumerable.Range(first, count).Select(i => _lane.TryDeliver(Request(i))!)];

    private static DeliverRequest Request(long connectionId, int bytes = 1) => new(
        connectionId, [new Gateways.Delivery($"{connectionId}", "t", new byte[bytes], 1, IsDuplicate: false, NeedsSubscription: false)], Generation: 1);
}
