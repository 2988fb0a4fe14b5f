using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>What <c>client_test5.py</c> asks of topic aliases, subscription identifiers, and the flow control of publishers.</summary>
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

    private Task<RawClient> ConnectAsync(string client, uint? sessionExpiry = null, bool cleanStart = true) =>
        RawClient.ConnectAsync(
            gateway.Process.Mqtt,
            new ConnectPacket { ClientId = $"{_name}-{client}", CleanStart = cleanStart, SessionExpiryInterval = sessionExpiry });
}
