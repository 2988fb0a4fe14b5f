using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Products;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>What grains ask of a gateway's connections.</summary>
public sealed class GatewayShardTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    private GatewayShard Shard => _edge.Shards.ShardOf(0);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Broadcast_ReachesEveryOpenConnectionOfTheProduct()
    {
        var connections = await ConnectAsync("a", "b", "c");
        var tallies = await Shard.BroadcastAsync(Batch(Message(1)));
        Assert.Equal([new BroadcastTally(3, 3, 0, 0)], tallies.Tallies.AsEnumerable());
        Assert.Equal(
            ["/sys/anonymous/a/broadcast/request/1", "/sys/anonymous/b/broadcast/request/1", "/sys/anonymous/c/broadcast/request/1"],
            connections.Select(static c => Assert.Single(SentPublish.In(c.Connection.Sent)).Topic));
    }

    [Fact]
    public async Task Broadcast_OfAnotherProduct_ReachesNobody()
    {
        var connections = await ConnectAsync("a");
        var tallies = await Shard.BroadcastAsync(Batch(new BroadcastMessage(1, "other", null, 0, new byte[] { 65 })));
        Assert.Equal([default], tallies.Tallies.AsEnumerable());
        Assert.Empty(connections[0].Connection.Sent);
    }

    [Fact]
    public async Task Broadcast_WithATopic_ReachesTheSubscribed()
    {
        var connections = await ConnectAsync("a", "b");
        connections[0].Owner.Session!.TrySubscribe("/broadcast/anonymous/#"u8.ToArray(), default, out _);
        var tallies = await Shard.BroadcastAsync(Batch(Message(1) with { Topic = "/broadcast/anonymous/x" }));
        Assert.Equal([new BroadcastTally(1, 1, 0, 0)], tallies.Tallies.AsEnumerable());
        Assert.Empty(connections[1].Connection.Sent);
    }

    [Fact]
    public async Task Broadcast_ThatComesAgain_IsAnsweredAndNotWrittenAgain()
    {
        var connections = await ConnectAsync("a");
        var first = await Shard.BroadcastAsync(Batch(Message(1), Message(2)));
        var second = await Shard.BroadcastAsync(Batch(Message(1), Message(2), Message(3)));
        Assert.Equal(first.Tallies.AsEnumerable(), second.Tallies[..2]);
        Assert.Equal(3, SentPublish.In(connections[0].Connection.Sent).Length);
        Assert.Equal(2, connections[0].Connection.Sent.Count);
    }

    [Fact]
    public async Task Broadcast_ToASlowConnection_IsCountedAsDropped()
    {
        var connections = await ConnectAsync("a", "b");
        connections[0].Connection.Outcome = SendOutcome.Full;
        var tallies = await Shard.BroadcastAsync(Batch(Message(1), Message(2)));
        Assert.All(tallies.Tallies, static tally => Assert.Equal(new BroadcastTally(2, 1, 1, 0), tally));
    }

    [Fact]
    public async Task Broadcast_AfterAConnectionHasGone_ReachesTheOthers()
    {
        var connections = await ConnectAsync("a", "b", "c");
        connections[0].Owner.Closed();
        Assert.Equal([new BroadcastTally(2, 2, 0, 0)], (await Shard.BroadcastAsync(Batch(Message(1)))).Tallies.AsEnumerable());
    }

    [Fact]
    public async Task Deliver_StopsBehindWhatTheConnectionDoesNotTake()
    {
        var connections = await ConnectAsync("a");
        var (connection, owner) = connections[0];
        var written = await Shard.DeliverAsync(Deliveries(owner, "1", "2"));
        Assert.Equal([DeliveryOutcome.Written, DeliveryOutcome.Written], written.Outcomes.AsEnumerable());

        connection.Outcome = SendOutcome.Full;
        Assert.Equal([DeliveryOutcome.Full], (await Shard.DeliverAsync(Deliveries(owner, "3", "4"))).Outcomes.AsEnumerable());
    }

    [Fact]
    public async Task DeliverAll_AnswersForEachConnection()
    {
        var connections = await ConnectAsync("a", "b", "c");
        connections[1].Connection.Outcome = SendOutcome.Full;
        var replies = (await Shard.DeliverAllAsync(new DeliverBatch([.. connections.Select(static each => Deliveries(each.Owner, "1", "2"))]))).Replies;
        Assert.Equal(
            [[DeliveryOutcome.Written, DeliveryOutcome.Written], [DeliveryOutcome.Full], [DeliveryOutcome.Written, DeliveryOutcome.Written]],
            replies.Select(static reply => reply.Outcomes.ToArray()));
    }

    [Fact]
    public async Task Deliver_ToATopicWithoutSubscription_IsNotSubscribed_AndOthersGoOn()
    {
        var owner = (await ConnectAsync("a"))[0].Owner;
        var request = Deliveries(owner, "1", "2");
        request = request with { Deliveries = [request.Deliveries[0] with { NeedsSubscription = true }, request.Deliveries[1]] };
        Assert.Equal([DeliveryOutcome.NotSubscribed, DeliveryOutcome.Written], (await Shard.DeliverAsync(request)).Outcomes.AsEnumerable());
    }

    [Fact]
    public async Task Deliver_ToAConnectionThatIsNotOpenYet_IsNotOpen()
    {
        var owner = _edge.NewOwner(new FakeConnection(ConnectionIds.Next()));
        Shard.Announce(owner);
        Assert.Equal([DeliveryOutcome.NotOpen], (await Shard.DeliverAsync(Deliveries(owner, "1", "2"))).Outcomes.AsEnumerable());
    }

    [Fact]
    public async Task Deliver_ToAConnectionThatIsGone_IsNotConnected()
    {
        var owner = (await ConnectAsync("a"))[0].Owner;
        owner.Disconnect(ReasonCode.AdministrativeAction);
        Assert.Equal([DeliveryOutcome.NotConnected], (await Shard.DeliverAsync(Deliveries(owner, "1", "2"))).Outcomes.AsEnumerable());
        owner.Closed();
        Assert.Equal([DeliveryOutcome.NotConnected], (await Shard.DeliverAsync(Deliveries(owner, "1", "2"))).Outcomes.AsEnumerable());
        Assert.Equal(0, Shard.ConnectionCount);
    }

    [Fact]
    public async Task Deliver_FromAGrainThatHasBeenReplaced_WritesNothing()
    {
        var (connection, owner) = Assert.Single(await ConnectAsync("a"));
        var reply = await Shard.DeliverAsync(Deliveries(owner, "m1") with { Generation = 1 });
        Assert.Equal(DeliveryOutcome.NotConnected, Assert.Single(reply.Outcomes));
        Assert.Empty(connection.Sent);

        // The one that replaced it may be heard before the answer to its attach.
        await Shard.DeliverAsync(Deliveries(owner, "m1") with { Generation = long.MaxValue - 1 });
        Assert.Single(connection.Sent);
        reply = await Shard.DeliverAsync(Deliveries(owner, "m2") with { Generation = long.MaxValue - 2 });
        Assert.Equal(DeliveryOutcome.NotConnected, Assert.Single(reply.Outcomes));
    }

    [Fact]
    public async Task Close_ClosesTheOneConnection()
    {
        var connections = await ConnectAsync("a", "b");
        await Shard.CloseAsync(new CloseRequest(connections[0].Owner.ConnectionId, CloseReason.TakenOver));
        await Shard.CloseAsync(new CloseRequest(long.MaxValue, CloseReason.TakenOver));
        Assert.Equal([true, false], connections.Select(static c => c.Connection.IsClosed));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task ProductChanged_ClosesTheConnectionsOfADisabledOne(bool isEnabled, bool isClosed)
    {
        var connections = await ConnectAsync("a", "b");
        await Shard.ProductChangedAsync("anonymous", new ProductView("anonymous", "", isEnabled, false, _edge.Time.GetUtcNow(), []));
        Assert.All(connections, c => Assert.Equal(isClosed, c.Connection.IsClosed));
    }

    [Fact]
    public async Task ProductChanged_ClosesTheConnectionsOfADeletedOne()
    {
        var connections = await ConnectAsync("a");
        await Shard.ProductChangedAsync("anonymous", null);
        Assert.True(connections[0].Connection.IsClosed);
    }

    private static BroadcastBatch Batch(params BroadcastMessage[] messages) => new([.. messages]);

    private static BroadcastMessage Message(long id) => new(id, "anonymous", null, 0, new byte[] { 65 });

    // Of the connection's own grain, unless it says otherwise: no attach has a later generation.
    private static DeliverRequest Deliveries(MqttConnection owner, params string[] messageIds) =>
        new(owner.ConnectionId, [.. messageIds.Select(static id => new Gateways.Delivery(id, "t", new byte[] { 65 }, 1, false, false))], long.MaxValue);

    private async Task<(FakeConnection Connection, MqttConnection Owner)[]> ConnectAsync(params string[] names)
    {
        var connections = new List<(FakeConnection, MqttConnection)>();
        foreach (var name in names)
        {
            var connection = new FakeConnection(ConnectionIds.Next());
            var owner = _edge.NewOwner(connection);
            owner.Received(new ConnectPacket { Version = ProtocolVersion.Mqtt311, ClientId = name, CleanStart = true }.ToArray(ProtocolVersion.Mqtt311), out _);
            await Patience.UntilAsync(() => owner.IsOpen);
            Assert.Single(connection.Sent);
            connection.Sent.Clear();
            connections.Add((connection, owner));
        }

        return [.. connections];
    }
}
