using System.Text;
using IotPlatform.Compat;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Products;
using IotPlatform.Routing;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Routing.Peers;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Routing;

/// <summary>A publish for subscribers at another gateway.</summary>
public sealed class PeerPublishTests : IAsyncDisposable
{
    private readonly Edge _edge = new();
    private readonly FakePeer _other = new();

    public ValueTask DisposeAsync()
    {
        _edge.Peers.Dispose();
        return _edge.DisposeAsync();
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Publish_IsAcknowledged_OnceTheOtherGatewayHasIt(QoS qos)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        FollowOther(taken.Task);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "1", qos);
        publisher.Send(Mqtt.Packets.PingReqPacket.Encoded);
        await Patience.UntilAsync(() => publisher.Packets.Exists(static p => p.Type == PacketType.PingResp));
        Assert.Empty(publisher.Acknowledgements);
        taken.SetResult();
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);
        Assert.Equal(ReasonCode.Success, publisher.Acknowledgements[0].Reason);
    }

    // It is retained before it is sent there: whoever subscribes there meanwhile finds it, or is reached.
    [Fact]
    public async Task RetainedPublish_IsSentThere_OnceItIsRetained()
    {
        var sent = new List<string?>();
        FollowOther(Task.CompletedTask, () => sent.Add(_edge.Host.Retained["t"] is null ? "too early" : "retained"));
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        Assert.Equal(ReasonCode.Success, await publisher.PublishAsync("t", "1", retain: true));
        Assert.Equal(["retained"], sent);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500)]
    [InlineData(ProtocolVersion.Mqtt311)]
    public async Task Publish_ForWhichThereIsNoRoom_IsRefused_Or311IsClosedSoThatItComesAgain(ProtocolVersion version)
    {
        FollowOther(new TaskCompletionSource().Task);
        var outbox = _edge.Peers.All[0].Outbox;
        Assert.True(outbox.TryAdd(PeerHost.Publish("under way"), accepted: null));
        await Patience.UntilAsync(() => _other.Batches.Count == 1);
        while (outbox.TryAdd(PeerHost.Publish("waits", bytes: 1024 * 1024), accepted: null))
        {
        }

        while (outbox.TryAdd(PeerHost.Publish("waits"), accepted: null))
        {
        }

        var publisher = await EdgeClient.ConnectAsync(_edge, "p", version);
        publisher.Publish("t", "1", QoS.AtLeastOnce);
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1 || publisher.IsClosed);
        Assert.Equal(version == ProtocolVersion.Mqtt311, publisher.IsClosed);
        Assert.Equal(version == ProtocolVersion.Mqtt311 ? [] : [ReasonCode.QuotaExceeded], publisher.Acknowledgements.Select(static ack => ack.Reason));
    }

    // What is permitted there, where the device's own gateway alone knows its subscriptions.
    [Theory]
    [InlineData("/anonymous/other/cmd", 1)]
    [InlineData("/anonymous/p/own", 0)]
    [InlineData("plain", 0)]
    public async Task Publish_IntoAnotherDevicesBranch_GoesToEveryGateway(string topic, int expected)
    {
        _edge.Settings.FreeTopics = false;
        _edge.Host.Registry.Add(new ProductView(
            LoginReader.AnonymousProduct, "", true, false, _edge.Time.GetUtcNow(), [new("/anonymous/+/cmd", TopicAccess.Publish), new("plain", TopicAccess.Publish)]));
        FollowOther(Task.CompletedTask);
        (await _other.NextPullAsync()).AnswerWhole(1, "something/else");
        await Patience.UntilAsync(() => _edge.Peers.All[0].IsFresh);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");

        await publisher.PublishAsync(topic, "1");

        Assert.Equal(expected, _other.Published.Length);
    }

    [Fact]
    public async Task StickyShareGroup_HasOneGatewayForATopic_WhereverItIsPublished()
    {
        await using var edge = new Edge(followsSessions: false, static settings => settings.SharedSubscriptions.Choice = ShareChoice.Sticky);
        var (member, connection) = edge.Online("m");
        Assert.True(edge.Router.TrySubscribe(member, "$share/g/+"u8.ToArray(), new SubscriptionTerms(new SubscriptionOptions(QoS.AtMostOnce))));
        edge.Peers.Add(new GatewayLease(new GatewayId("other"), 1, [], edge.Host.Reference(_other), "other:1883", IsDraining: false));
        (await _other.NextPullAsync()).AnswerWhole(1, "$share/g/+");
        await Patience.UntilAsync(() => edge.Peers.All[0].IsFresh);

        string[] topics = [.. Enumerable.Range(0, 40).Select(static i => $"t{i}")];
        foreach (var topic in topics.Concat(topics))
        {
            edge.Router.Publish(from: null, new PublishPacket { Topic = Encoding.UTF8.GetBytes(topic), Payload = "p"u8 });
        }

        await Patience.UntilAsync(() => _other.Published.Length + connection.Sent.Count == 2 * topics.Length);
        var there = _other.Published.Select(static publish => Encoding.UTF8.GetString(publish.Topic.Span)).Distinct().ToArray();
        Assert.InRange(there.Length, 8, 32);
        Assert.Equal(2 * there.Length, _other.Published.Length);

        // The other gateway decides by the same rule.
        var (g, other) = (StableHash.Of("g", bits: 32), StableHash.Of("other", bits: 32));
        Assert.Equal(there, topics.Where(topic => Rendezvous.Score(StableHash.Of(topic, bits: 32), other) > Rendezvous.Score(StableHash.Of(topic, bits: 32), g)));
    }

    private void FollowOther(Task taken, Action? onPublish = null)
    {
        // It never answers what it is interested in, so it is sent everything.
        _other.OnPublish = async _ =>
        {
            onPublish?.Invoke();
            await taken;
            return new RoutedReply([]);
        };
        _edge.Peers.Add(new GatewayLease(new GatewayId("other"), 1, [], _edge.Host.Reference(_other), "other:1883", IsDraining: false));
    }
}
