using System.Diagnostics;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>What <c>client_test5.py</c> asks of topic aliases, subscription identifiers, flow control of publishers, and delayed wills.</summary>
public sealed class Paho500FeatureTests(ConformanceGateway gateway) : IClassFixture<ConformanceGateway>
{
    private static int s_last;

    private readonly string _name = $"feature{Interlocked.Increment(ref s_last)}";

    // [MQTT-3.3.4-3], [MQTT-3.3.4-4]
    [Fact]
    public async Task SubscriptionIdentifiers_OfAllThatMatch_ComeWithOneCopy()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        await a.SubscribeAsync(_name, new SubscriptionOptions(QoS.ExactlyOnce), identifier: 456_789);
        await b.SubscribeAsync(_name, new SubscriptionOptions(QoS.ExactlyOnce), identifier: 2);
        await b.SubscribeAsync($"{_name}/#", new SubscriptionOptions(QoS.ExactlyOnce), identifier: 3);
        await b.PublishAsync(_name, "sub identifier test", QoS.AtLeastOnce);
        Assert.Equal([456_789u], IdentifiersOf(await a.ReceiveAsync("the message for a")));
        Assert.Equal([2u, 3u], IdentifiersOf(await b.ReceiveAsync("the message for b")).Order());
        await b.PingAsync();
        Assert.Equal(0, b.Waiting);
    }

    // [MQTT-3.3.2-12], [MQTT-3.3.2-7]
    [Fact]
    public async Task TopicAlias_OfAClient_StandsForItsTopic_UntilTheConnectionEnds()
    {
        byte[] alias = [0x23, 0, 1];
        await using (var client = await ConnectAsync("a", sessionExpiry: 60))
        {
            Assert.True(client.ConnAck!.TopicAliasMaximum > 0);
            await client.SubscribeAsync(_name, QoS.ExactlyOnce);
            await client.PublishAsync(_name, "with its topic", QoS.AtLeastOnce, properties: alias);
            await client.PublishAsync("", "by its alias", QoS.AtLeastOnce, properties: alias);
            var messages = await client.ReceiveAsync(2, "its own messages");
            Assert.Equal([(_name, "with its topic"), (_name, "by its alias")], messages.Select(static m => (m.Topic, m.Text)));
            await client.DisconnectAsync();
        }

        await using var next = await ConnectAsync("a", sessionExpiry: 60, cleanStart: false);
        Assert.True(next.ConnAck!.SessionPresent);
        next.SendPublish("", "by an alias of another connection"u8, new PublishFlags(QoS.AtMostOnce), packetId: 0, alias);
        Assert.NotNull(await next.ClosedAsync("the close after an alias that is none"));
    }

    // [MQTT-3.2.2-17]
    [Fact]
    public async Task TopicAlias_AboveTheServersMaximum_EndsTheConnection()
    {
        await using var client = await ConnectAsync("a");
        var above = client.ConnAck!.TopicAliasMaximum.GetValueOrDefault() + 1;
        client.SendPublish(_name, "x"u8, new PublishFlags(QoS.AtMostOnce), packetId: 0, [0x23, (byte)(above >> 8), (byte)above]);
        Assert.Equal(ReasonCode.TopicAliasInvalid, await client.ClosedAsync("the close after an alias too high"));
    }

    // [MQTT-3.1.2-26], [MQTT-3.3.2-11]
    [Fact]
    public async Task TopicAlias_OfTheServer_StandsForTheTopicFromTheSecondMessageOn()
    {
        await using var client = await RawClient.ConnectAsync(
            gateway.Process.Mqtt, new ConnectPacket { ClientId = _name, CleanStart = true, TopicAliasMaximum = 1 });
        await client.SubscribeAsync(_name, QoS.ExactlyOnce);
        for (var qos = QoS.AtMostOnce; qos <= QoS.ExactlyOnce; qos++)
        {
            await client.PublishAsync(_name, "topic alias 1", qos);
        }

        var messages = await client.ReceiveAsync(3, "its own messages");
        Assert.Equal([_name, "", ""], messages.Select(static m => m.Topic));
        Assert.All(messages, static m => Assert.Equal((ushort?)1, PropertiesOf(m).TopicAlias));
    }

    // [MQTT-3.3.4-7], section 4.9
    [Fact]
    public async Task ReceiveMaximum_OfTheServer_ExceededByAClient_EndsTheConnection()
    {
        await using var client = await ConnectAsync("a");
        var maximum = client.ConnAck!.ReceiveMaximum ?? ConnectPacket.ReceiveMaximumDefault;
        Assert.True(maximum < 10_000, "A test can not fill it.");
        for (var i = 1; i <= maximum + 1; i++)
        {
            client.SendPublish(_name, "x"u8, new PublishFlags(QoS.ExactlyOnce), (ushort)i);
        }

        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, await client.ClosedAsync("the close after one message too many"));
    }

    // [MQTT-3.1.2-8], section 3.1.3.2.2: after the delay, or when the session ends, whichever comes first.
    [Theory]
    [InlineData(2, 60, 2)]
    [InlineData(60, 2, 2)]
    [InlineData(60, 0, 0)]
    public async Task Will_WithADelay_ComesAfterIt_OrWithTheSessionsEnd(uint delay, uint sessionExpiry, int seconds)
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync(_name, QoS.ExactlyOnce);
        await using var client = await ConnectAsync("a", sessionExpiry, will: Will(delay));
        var clock = Stopwatch.StartNew();
        client.Abort();
        Assert.Equal("will message", (await watcher.ReceiveAsync("the will")).Text);
        Assert.InRange(clock.Elapsed.TotalSeconds, seconds - 0.1, seconds + 7);
    }

    // [MQTT-3.1.3-9]
    [Fact]
    public async Task Will_WithADelay_OfAClientThatComesBackInTime_DoesNotCome()
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync($"{_name}/+", QoS.ExactlyOnce);
        await watcher.SubscribeAsync(_name, QoS.ExactlyOnce);
        await using (var client = await ConnectAsync("a", sessionExpiry: 60, will: Will(delay: 1)))
        {
            client.Abort();
        }

        // Another will, which is later, shows that the first one's time is over.
        await using var back = await ConnectAsync("a", sessionExpiry: 60, cleanStart: false);
        await using var other = await ConnectAsync("c", sessionExpiry: 60, will: Will(delay: 2, $"{_name}/other"));
        other.Abort();
        Assert.Equal($"{_name}/other", (await watcher.ReceiveAsync("the other client's will")).Topic);
        Assert.Equal(0, watcher.Waiting);
    }

    private static PublishProperties PropertiesOf(ReceivedPublish message)
    {
        Assert.True(PublishProperties.TryParse(message.Properties, Sender.Server, out var properties, out _));
        return properties;
    }

    private static List<uint> IdentifiersOf(ReceivedPublish message)
    {
        var identifiers = new List<uint>();
        foreach (var property in PropertiesOf(message).SubscriptionIdentifiers)
        {
            identifiers.Add(property.Number);
        }

        return identifiers;
    }

    private WillMessage Will(uint delay, string? topic = null) => new() { Topic = topic ?? _name, Payload = "will message"u8.ToArray(), DelayInterval = delay };

    private Task<RawClient> ConnectAsync(string client, uint? sessionExpiry = null, bool cleanStart = true, WillMessage? will = null) =>
        RawClient.ConnectAsync(
            gateway.Process.Mqtt,
            new ConnectPacket { ClientId = $"{_name}-{client}", CleanStart = cleanStart, SessionExpiryInterval = sessionExpiry, Will = will });
}
