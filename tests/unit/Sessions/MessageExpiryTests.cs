using IotPlatform.Mqtt;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Message Expiry Interval of what clients publish (section 3.3.2.3.3).</summary>
public sealed class MessageExpiryTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-3.3.2-5], [MQTT-3.3.2-6]
    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Message_ThatWaitsForItsClient_ComesWithWhatIsLeft_OrNotAtAll(QoS qos)
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s", sessionExpiry: 1_000);
        await subscriber.SubscribeAsync("t", qos);
        subscriber.Abort();
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "expires", qos, properties: [0x02, 0, 0, 0, 1]);
        publisher.Publish("t", "does not", qos, properties: [0x02, 0, 0, 0, 6]);
        _edge.Time.Advance(TimeSpan.FromSeconds(2));
        subscriber = await EdgeClient.ConnectAsync(_edge, "s", sessionExpiry: 1_000, cleanStart: false);
        var message = Assert.Single(await subscriber.ReceiveAsync(1));
        Assert.Equal(("does not", "0200000004"), (message.Payload, message.Properties));
    }

    // [MQTT-3.3.2-6] One that has not waited has all of it left.
    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Message_ThatIsSentAtOnce_KeepsItsExpiry(QoS qos)
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        subscriber.Publish("t", "x", qos, properties: [0x02, 0, 0, 0, 60]);
        Assert.Equal("020000003C", (await subscriber.ReceiveAsync(1))[0].Properties);
    }

    // [MQTT-4.3.3-7] Once it has been sent, its exchange is completed.
    [Fact]
    public async Task Message_ThatWasSent_IsSentAgain_ThoughItsTimeIsUp()
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s", sessionExpiry: 1_000);
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        subscriber.Publish("t", "x", QoS.ExactlyOnce, properties: [0x02, 0, 0, 0, 1]);
        await subscriber.ReceiveAsync(1);
        subscriber.Abort();
        _edge.Time.Advance(TimeSpan.FromSeconds(10));
        subscriber = await EdgeClient.ConnectAsync(_edge, "s", sessionExpiry: 1_000, cleanStart: false);
        Assert.Equal(("x", true), ((await subscriber.ReceiveAsync(1))[0].Payload, subscriber.Messages[0].Dup));
    }
}
