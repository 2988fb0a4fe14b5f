using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>What the Eclipse Paho suites of both versions ask alike: anonymous clients, any topic, real connections.</summary>
public abstract class SuiteTests(ConformanceGateway gateway, ProtocolVersion version)
{
    private static int s_last;

    /// <summary>A name that no other test uses, for client ids and topics.</summary>
    protected string Name { get; } = $"suite{Interlocked.Increment(ref s_last)}{version}";

    // Three messages, one of each QoS, come back to the client that sent them.
    [Fact]
    public async Task Messages_OfEveryQoS_ComeBackToTheirSender()
    {
        await using (var before = await ConnectAsync("a"))
        {
            await before.DisconnectAsync();
        }

        await using var client = await ConnectAsync("a");
        Assert.False(client.ConnAck!.SessionPresent);
        Assert.Equal(ReasonCode.GrantedQoS2, await client.SubscribeAsync(Name, QoS.ExactlyOnce));
        await client.PublishAsync(Name, "0", QoS.AtMostOnce);
        await client.PublishAsync(Name, "1", QoS.AtLeastOnce);
        await client.PublishAsync(Name, "2", QoS.ExactlyOnce);
        var messages = await client.ReceiveAsync(3, "its own messages");
        Assert.Equal([("0", QoS.AtMostOnce), ("1", QoS.AtLeastOnce), ("2", QoS.ExactlyOnce)], messages.Select(static m => (m.Text, m.QoS)));
    }

    [Fact]
    public async Task SecondConnect_OnOneConnection_EndsIt()
    {
        await using var client = await ConnectAsync("a");
        client.Send(Connect("a"));
        Assert.Equal(version == ProtocolVersion.Mqtt500 ? ReasonCode.ProtocolError : null, await client.ClosedAsync("the close after a second CONNECT"));
    }

    [Fact]
    public async Task ProtocolName_ThatIsNotMqtt_EndsTheConnection()
    {
        await using var client = await RawClient.OpenAsync(gateway.Process.Mqtt, version);
        client.Send([0x10, 0x0D, 0, 2, (byte)'h', (byte)'j', (byte)version, 2, 0, 0, 0, 4, (byte)'n', (byte)'a', (byte)'m']);
        await client.ClosedAsync("the close after a strange name");
    }

    [Fact]
    public async Task Retained_OfEveryQoS_AreSentToALateSubscriber_AndNotWhenTheyAreCleared()
    {
        QoS[] all = [QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce];
        await using var client = await ConnectAsync("a");
        foreach (var qos in all)
        {
            await client.PublishAsync($"{Name}/{qos}", $"{qos}", qos, retain: true);
        }

        await client.SubscribeAsync($"{Name}/+", QoS.ExactlyOnce);
        var messages = await client.ReceiveAsync(3, "the retained messages");
        Assert.Equal(all, messages.Select(static m => m.QoS).Order());
        Assert.All(messages, static m => Assert.True(m.IsRetained));

        await client.UnsubscribeAsync($"{Name}/+");
        foreach (var qos in all)
        {
            await client.PublishAsync($"{Name}/{qos}", "", qos, retain: true);
        }

        // What is retained behind them comes alone.
        await client.PublishAsync($"{Name}/end", "end", QoS.AtLeastOnce, retain: true);
        await client.SubscribeAsync($"{Name}/+", QoS.ExactlyOnce);
        Assert.Equal("end", (await client.ReceiveAsync("what is still retained")).Text);
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Will_OfAClientThatVanishes_Arrives()
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync(Name, QoS.ExactlyOnce);
        await using var client = await ConnectAsync("a", will: Will("client not disconnected"));
        client.Abort();
        Assert.Equal("client not disconnected", (await watcher.ReceiveAsync("the will")).Text);
    }

    [Fact]
    public async Task SilentClient_IsSentAway_AndItsWillArrives()
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync(Name, QoS.ExactlyOnce);
        await using var client = await ConnectAsync("a", keepAlive: 1, will: Will("keepalive expiry"));
        Assert.Equal("keepalive expiry", (await watcher.ReceiveAsync("the will")).Text);
        await client.ClosedAsync("the close of the silent client");
    }

    [Fact]
    public async Task Messages_ForAClientThatIsAway_WaitForIt()
    {
        await using (var first = await ConnectAsync("a", isLasting: true))
        {
            await first.SubscribeAsync($"{Name}/+", QoS.ExactlyOnce);
            await first.DisconnectAsync();
        }

        await using var publisher = await ConnectAsync("b");
        await publisher.PublishAsync($"{Name}/0", "0", QoS.AtMostOnce);
        await publisher.PublishAsync($"{Name}/1", "1", QoS.AtLeastOnce);
        await publisher.PublishAsync($"{Name}/2", "2", QoS.ExactlyOnce);

        await using var second = await ConnectAsync("a", isLasting: true);
        Assert.True(second.ConnAck!.SessionPresent);
        Assert.Equal(["1", "2"], (await second.ReceiveAsync(2, "what waited")).Select(static m => m.Text));
        await second.PingAsync();
        Assert.Equal(0, second.Waiting);
    }

    [Fact]
    public async Task OverlappingSubscriptions_AreServedOnce_WithTheHighestQoS()
    {
        await using var client = await ConnectAsync("a");
        await client.SubscribeAsync(($"{Name}/#", QoS.ExactlyOnce), ($"{Name}/+", QoS.AtLeastOnce));
        await client.PublishAsync($"{Name}/c", "x", QoS.ExactlyOnce);
        Assert.Equal(QoS.ExactlyOnce, (await client.ReceiveAsync("its own message")).QoS);
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Messages_ThatWereNotAcknowledged_ComeAgainOnTheNextConnection()
    {
        await using (var first = await ConnectAsync("a", isLasting: true, acknowledges: false))
        {
            await first.SubscribeAsync($"{Name}/#", QoS.ExactlyOnce);
            await first.PublishAsync($"{Name}/1", "1", QoS.AtLeastOnce);
            await first.PublishAsync($"{Name}/2", "2", QoS.ExactlyOnce);
            await first.ReceiveAsync(2, "its own messages");
            await first.DisconnectAsync();
        }

        await using var second = await ConnectAsync("a", isLasting: true);
        var again = await second.ReceiveAsync(2, "the same messages");
        Assert.Equal([("1", true), ("2", true)], again.Select(static m => (m.Text, m.IsDuplicate)));
    }

    [Fact]
    public async Task Subscription_ThatNobodyMayHave_IsRefused_AndTheClientStays()
    {
        await using var client = await ConnectAsync("a");
        Assert.Equal([ReasonCode.UnspecifiedError, ReasonCode.GrantedQoS1], await client.SubscribeAsync(("test/nosubscribe", QoS.ExactlyOnce), (Name, QoS.AtLeastOnce)));
        await client.PingAsync();
    }

    [Fact]
    public async Task DollarTopics_DoNotMatchWildcards()
    {
        await using var client = await ConnectAsync("a");
        await client.SubscribeAsync(("+/+", QoS.ExactlyOnce), ("#", QoS.ExactlyOnce));
        await client.PublishAsync($"${Name}/b", "hidden", QoS.AtLeastOnce);
        await client.PublishAsync($"{Name}/b", "seen", QoS.AtLeastOnce);
        Assert.Equal("seen", (await NextOfAsync(client)).Text);
    }

    [Fact]
    public async Task Unsubscribe_EndsOneSubscription_AndNoOther()
    {
        await using var client = await ConnectAsync("b");
        await client.SubscribeAsync(($"{Name}/a", QoS.ExactlyOnce), ($"{Name}/b", QoS.ExactlyOnce), ($"{Name}/c", QoS.ExactlyOnce));
        await client.UnsubscribeAsync($"{Name}/a");
        await using var publisher = await ConnectAsync("a");
        foreach (var topic in new[] { "a", "b", "c" })
        {
            await publisher.PublishAsync($"{Name}/{topic}", topic, QoS.AtLeastOnce);
        }

        Assert.Equal(["b", "c"], (await client.ReceiveAsync(2, "what it is still subscribed to")).Select(static m => m.Text));
    }

    protected ConnectPacket Connect(string client, bool isLasting = false, ushort keepAlive = 0, WillMessage? will = null) => new()
    {
        Version = version,
        ClientId = $"{Name}-{client}",
        CleanStart = !isLasting,
        SessionExpiryInterval = isLasting && version == ProtocolVersion.Mqtt500 ? 99_999u : null,
        KeepAlive = keepAlive,
        Will = will,
    };

    protected Task<RawClient> ConnectAsync(
        string client, bool isLasting = false, ushort keepAlive = 0, WillMessage? will = null, bool acknowledges = true) =>
        ConnectAsync(Connect(client, isLasting, keepAlive, will), acknowledges);

    protected Task<RawClient> ConnectAsync(ConnectPacket connect, bool acknowledges = true) => RawClient.ConnectAsync(gateway.Process.Mqtt, connect, acknowledges);

    private WillMessage Will(string text) => new() { Topic = Name, Payload = System.Text.Encoding.UTF8.GetBytes(text), QoS = QoS.AtLeastOnce };

    // Whoever is subscribed to everything sees what is retained, too.
    private async Task<ReceivedPublish> NextOfAsync(RawClient client)
    {
        while (true)
        {
            var message = await client.ReceiveAsync("a message of this test");
            if (message.Topic.Contains(Name, StringComparison.Ordinal))
            {
                return message;
            }
        }
    }
}
