using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Grains;
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

    private void FollowOther(Task taken, Action? onPublish = null)
    {
        // It never answers what it is interested in, so it is sent everything.
        _other.OnPull = static _ => new TaskCompletionSource<InterestChanges>().Task;
        _other.OnPublish = async _ =>
        {
            onPublish?.Invoke();
            await taken;
            return new RoutedReply([]);
        };
        _edge.Peers.Add(new GatewayLease(new GatewayId("other"), 1, [], _edge.Host.Reference(_other), "other:1883", IsDraining: false));
    }
}
