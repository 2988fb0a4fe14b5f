using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Routing;
using IotPlatform.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What one client may do: each limit has its reason code, and is counted.</summary>
public sealed class ClientLimitTests : IAsyncDisposable
{
    private readonly Edge _edge = new();
    private readonly InstrumentSum _limited;

    public ClientLimitTests() => _limited = new InstrumentSum(_edge.Instruments, "iot.gateway.clients.limited");

    public async ValueTask DisposeAsync()
    {
        _limited.Dispose();
        await _edge.DisposeAsync();
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500)]
    [InlineData(ProtocolVersion.Mqtt311)]
    public async Task ClientId_ThatIsTooLong_IsRefused(ProtocolVersion version)
    {
        _edge.Settings.Client.ClientIdBytesMax = 4;
        await EdgeClient.ConnectAsync(_edge, "abcd", version);

        var refused = await EdgeClient.TryConnectAsync(_edge, new ConnectPacket { Version = version, ClientId = "abcdü", CleanStart = true });

        Assert.Equal(ReasonCode.ClientIdentifierNotValid, refused.ConnAck.ReasonCode);
        Assert.True(refused.IsClosed);
        Assert.Equal(1, _limited.Value);
    }

    [Theory]
    [InlineData("12345", ReasonCode.Success)]
    [InlineData("123456", ReasonCode.TopicNameInvalid)]
    [InlineData("1/2", ReasonCode.Success)]
    [InlineData("1/2/3", ReasonCode.TopicNameInvalid)]
    public async Task TopicName_ThatIsTooLarge_IsRefused(string topic, ReasonCode expected)
    {
        Limit(topicBytes: 5, topicLevels: 2);
        using var drops = new DropCounter(_edge.Instruments);
        var client = await EdgeClient.ConnectAsync(_edge, "c");
        var reader = await EdgeClient.ConnectAsync(_edge, "r");
        await reader.SubscribeAsync("#");

        Assert.Equal(expected, await client.PublishAsync(topic, "x"));

        var isRefused = expected != ReasonCode.Success;
        Assert.Equal((isRefused ? 1 : 0, isRefused ? 1 : 0), (_limited.Value, drops[DropReason.InvalidTopic]));
        Assert.Equal(isRefused ? 0 : 1, reader.MessageCount);
    }

    [Fact]
    public async Task TopicFilter_ThatIsTooLarge_IsRefused()
    {
        Limit(topicBytes: 5, topicLevels: 2);
        var client = await EdgeClient.ConnectAsync(_edge, "c");
        var codes = await client.SubscribeAsync(("123456", new()), ("1/2/3", new()), ("1/#", new()), ("$share/group/12345", new()), ("$share/group/123456", new()));
        Assert.Equal([ReasonCode.TopicFilterInvalid, ReasonCode.TopicFilterInvalid, ReasonCode.Success, ReasonCode.Success, ReasonCode.TopicFilterInvalid], codes);
        Assert.Equal(3, _limited.Value);

        var older = await EdgeClient.ConnectAsync(_edge, "o", ProtocolVersion.Mqtt311);
        Assert.Equal([ReasonCode.UnspecifiedError], await older.SubscribeAsync(("1/2/3", new())));
    }

    [Fact]
    public async Task Will_WithATopicThatIsTooLarge_IsRefused()
    {
        Limit(topicBytes: 5, topicLevels: 2);
        var refused = await EdgeClient.TryConnectAsync(_edge, new ConnectPacket { ClientId = "c", CleanStart = true, Will = new WillMessage { Topic = "123456" } });
        Assert.Equal(ReasonCode.TopicNameInvalid, refused.ConnAck.ReasonCode);
    }

    [Fact]
    public async Task Subscriptions_BeyondTheMost_AreCounted()
    {
        _edge.Settings.Session.SubscriptionsMax = 1;
        var client = await EdgeClient.ConnectAsync(_edge, "c");
        Assert.Equal([ReasonCode.Success, ReasonCode.QuotaExceeded], await client.SubscribeAsync(("a", new()), ("b", new())));
        Assert.Equal(1, _limited.Value);
    }

    [Theory]
    [InlineData(RefusedPublishAction.Drop, QoS.AtMostOnce)]
    [InlineData(RefusedPublishAction.Drop, QoS.AtLeastOnce)]
    [InlineData(RefusedPublishAction.Close, QoS.AtMostOnce)]
    [InlineData(RefusedPublishAction.Close, QoS.AtLeastOnce)]
    [InlineData(RefusedPublishAction.Close, QoS.ExactlyOnce)]
    public async Task Publish_ThatIsRefused_In311_IsDroppedOrCloses(RefusedPublishAction action, QoS qos)
    {
        _edge.Settings.Client.RefusedPublish = action;
        using var drops = new DropCounter(_edge.Instruments);
        var client = await EdgeClient.ConnectAsync(_edge, "c", ProtocolVersion.Mqtt311);

        client.Publish("/broadcast/anonymous/x", "x", qos);

        Assert.Equal(1, drops[DropReason.NotPermitted]);
        Assert.Equal(action == RefusedPublishAction.Close, client.IsClosed);
        Assert.Equal(action == RefusedPublishAction.Drop && qos != QoS.AtMostOnce ? 1 : 0, client.Acknowledgements.Length);
    }

    [Fact]
    public async Task Publish_ThatIsRefused_In500_DoesNotClose()
    {
        _edge.Settings.Client.RefusedPublish = RefusedPublishAction.Close;
        var client = await EdgeClient.ConnectAsync(_edge, "c");
        Assert.Equal(ReasonCode.NotAuthorized, await client.PublishAsync("/broadcast/anonymous/x", "x"));
        Assert.False(client.IsClosed);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500)]
    [InlineData(ProtocolVersion.Mqtt311)]
    public async Task PublishRate_Exceeded_DelaysTheClient_AndLosesNothing(ProtocolVersion version)
    {
        _edge.Settings.Client.PublishesPerSecond = 2;
        _edge.Settings.Client.PublishesBurst = 3;
        var reader = await EdgeClient.ConnectAsync(_edge, "r");
        await reader.SubscribeAsync("t", QoS.AtMostOnce);
        var client = await EdgeClient.ConnectAsync(_edge, "c", version);

        for (var i = 0; i < 6; i++)
        {
            client.Publish("t", $"{i}", QoS.AtMostOnce);
        }

        // Three at once, and one on credit.
        Assert.Equal((4, true), (reader.MessageCount, client.IsPaused));
        await AdvanceAsync(TimeSpan.FromMilliseconds(500), () => reader.MessageCount == 5);
        Assert.True(client.IsPaused);
        await AdvanceAsync(TimeSpan.FromMilliseconds(500), () => reader.MessageCount == 6);
        Assert.Equal(["0", "1", "2", "3", "4", "5"], reader.Texts);
        Assert.Equal(3, _limited.Value);
        Assert.False(client.IsClosed);
    }

    [Fact]
    public async Task PublishBytes_Exceeded_DelayTheClient_ByWhatItOwes()
    {
        _edge.Settings.Client.PublishBytesPerSecond = 100;
        var reader = await EdgeClient.ConnectAsync(_edge, "r");
        await reader.SubscribeAsync("t", QoS.AtMostOnce);
        var client = await EdgeClient.ConnectAsync(_edge, "c");

        // 2 bytes of header, 3 of topic, 1 of properties.
        client.Publish("t", new string('x', 94), QoS.AtMostOnce);
        Assert.False(client.IsPaused);
        client.Publish("t", new string('y', 94), QoS.AtMostOnce);
        client.Publish("t", "z", QoS.AtMostOnce);
        Assert.Equal((2, true), (reader.MessageCount, client.IsPaused));

        await AdvanceAsync(TimeSpan.FromSeconds(1), () => reader.MessageCount == 3);
    }

    [Fact]
    public async Task Client_ThatIsDelayed_IsNotTakenForSilent()
    {
        _edge.Settings.Client.PublishesPerSecond = 1;
        var client = await EdgeClient.ConnectAsync(_edge, "c", keepAlive: 1);
        for (var i = 0; i < 5; i++)
        {
            client.Publish("t", "x", QoS.AtMostOnce);
        }

        Assert.True(client.IsPaused);
        Assert.True(client.Owner.OverdueAt > _edge.Watch.Now);
        for (var i = 0; i < 40; i++)
        {
            _edge.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.False(client.IsClosed);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt500)]
    [InlineData(ProtocolVersion.Mqtt311)]
    public async Task PublishRate_Exceeded_DisconnectsWhereThatIsSet(ProtocolVersion version)
    {
        _edge.Settings.Client.PublishesPerSecond = 1;
        _edge.Settings.Client.RateExceeded = RateExceededAction.Disconnect;
        var client = await EdgeClient.ConnectAsync(_edge, "c", version);

        client.Publish("t", "x", QoS.AtMostOnce);
        Assert.False(client.IsClosed);
        client.Publish("t", "x", QoS.AtMostOnce);

        Assert.True(client.IsClosed);
        if (version == ProtocolVersion.Mqtt500)
        {
            Assert.Equal(ReasonCode.MessageRateTooHigh, Assert.Single(client.Packets, static p => p.Type == PacketType.Disconnect).Reason);
        }
    }

    private void Limit(int topicBytes, int topicLevels)
    {
        _edge.Settings.Client.TopicBytesMax = topicBytes;
        _edge.Settings.Client.TopicLevelsMax = topicLevels;
    }

    // The delay may begin to run a moment later, on another thread.
    private Task AdvanceAsync(TimeSpan time, Func<bool> isDone)
    {
        _edge.Time.Advance(time);
        return Patience.UntilAsync(isDone, "the client is heard again");
    }
}
