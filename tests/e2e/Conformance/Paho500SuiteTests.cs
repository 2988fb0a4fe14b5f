using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>What <c>client_test5.py</c> asks.</summary>
public sealed class Paho500SuiteTests(ConformanceGateway gateway) : SuiteTests(gateway, ProtocolVersion.Mqtt500), IClassFixture<ConformanceGateway>
{
    // User properties a=2 and c=3.
    private static readonly byte[] UserProperties = [0x26, 0, 1, (byte)'a', 0, 1, (byte)'2', 0x26, 0, 1, (byte)'c', 0, 1, (byte)'3'];

    [Fact]
    public async Task EmptyClientId_IsTakenWithAndWithoutCleanStart_AndReplaced()
    {
        foreach (var cleanStart in new[] { false, true })
        {
            await using var client = await ConnectAsync(new ConnectPacket { CleanStart = cleanStart });
            Assert.NotEmpty(client.ConnAck!.AssignedClientIdentifier!);
        }
    }

    [Theory]
    [InlineData(QoS.AtMostOnce, false)]
    [InlineData(QoS.AtLeastOnce, false)]
    [InlineData(QoS.ExactlyOnce, false)]
    [InlineData(QoS.AtMostOnce, true)]
    [InlineData(QoS.AtLeastOnce, true)]
    [InlineData(QoS.ExactlyOnce, true)]
    public async Task UserProperties_ArePassedOn(QoS qos, bool isRetained)
    {
        await using var client = await ConnectAsync("a");
        if (isRetained)
        {
            await client.PublishAsync(Name, "x", qos, retain: true, UserProperties);

            // QoS 0 is retained by the time that something behind it has been acknowledged.
            await client.PublishAsync(Name + "/behind", "x", QoS.AtLeastOnce, retain: true);
        }

        await client.SubscribeAsync(Name, QoS.ExactlyOnce);
        if (!isRetained)
        {
            await client.PublishAsync(Name, "x", qos, properties: UserProperties);
        }

        var message = await client.ReceiveAsync("the message");
        Assert.Equal((qos, isRetained, Convert.ToHexString(UserProperties)), (message.QoS, message.IsRetained, Convert.ToHexString(message.Properties)));
    }

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task PayloadFormatAndContentType_ArePassedOn(QoS qos)
    {
        byte[] properties = [0x01, 1, 0x03, 0, 7, .. "My name"u8];
        await using var client = await ConnectAsync("a");
        await client.SubscribeAsync(Name, QoS.ExactlyOnce);
        await client.PublishAsync(Name, "", qos, properties: properties);
        Assert.Equal(properties, (await client.ReceiveAsync("the message")).Properties);
    }

    [Fact]
    public async Task Will_WithUserProperties_ArrivesWithThem_WhenItsClientIsSilent()
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync(Name, QoS.ExactlyOnce);
        var will = new WillMessage
        {
            Topic = Name,
            Payload = "will message"u8.ToArray(),
            DelayInterval = 0,
            UserProperties = [new UserProperty("a", "2"), new UserProperty("c", "3")],
        };
        await using var client = await ConnectAsync("a", keepAlive: 1, will: will);
        var message = await watcher.ReceiveAsync("the will");
        Assert.Equal(("will message", Convert.ToHexString(UserProperties)), (message.Text, Convert.ToHexString(message.Properties)));
    }

    [Fact]
    public async Task SessionExpiry_OfConnectAndOfDisconnect_SaysWhetherTheSessionStays()
    {
        // Of CONNECT: 0 ends it, more does not.
        Assert.False(await IsPresentAsync(cleanStart: true, expiry: 0));
        Assert.False(await IsPresentAsync(cleanStart: false, expiry: 0));
        Assert.False(await IsPresentAsync(cleanStart: true, expiry: 60));
        Assert.True(await IsPresentAsync(cleanStart: false, expiry: 60));

        // Of DISCONNECT, which has the last word.
        Assert.False(await IsPresentAsync(cleanStart: true, expiry: 1, expiryAtEnd: 60));
        Assert.True(await IsPresentAsync(cleanStart: false, expiry: 60, expiryAtEnd: 0));
        Assert.False(await IsPresentAsync(cleanStart: false, expiry: 0));
    }

    [Fact]
    public async Task NoLocal_KeepsAClientsOwnMessagesAway_AndNobodyElses()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        await a.SubscribeAsync(Name, new SubscriptionOptions(QoS.ExactlyOnce, NoLocal: true));
        await b.SubscribeAsync(Name, new SubscriptionOptions(QoS.ExactlyOnce, NoLocal: true));
        await a.PublishAsync(Name, "noLocal test", QoS.AtLeastOnce);
        Assert.Equal("noLocal test", (await b.ReceiveAsync("the other's message")).Text);
        await a.PingAsync();
        Assert.Equal(0, a.Waiting);
    }

    [Fact]
    public async Task RetainAsPublished_KeepsTheFlag()
    {
        await using var client = await ConnectAsync("a");
        await client.SubscribeAsync(Name, new SubscriptionOptions(QoS.ExactlyOnce, RetainAsPublished: true));
        await client.PublishAsync(Name, "false", QoS.AtLeastOnce, retain: false);
        await client.PublishAsync(Name, "true", QoS.AtLeastOnce, retain: true);
        var messages = await client.ReceiveAsync(2, "its own messages");
        Assert.Equal([("false", false), ("true", true)], messages.Select(static m => (m.Text, m.IsRetained)));
    }

    [Theory]
    [InlineData(RetainHandling.SendIfNew, 3, 0)]
    [InlineData(RetainHandling.DoNotSend, 0, 0)]
    [InlineData(RetainHandling.Send, 3, 3)]
    public async Task RetainHandling_SaysWhatASubscriptionBringsAlong(RetainHandling handling, int first, int second)
    {
        await using var client = await ConnectAsync("a");
        for (var qos = QoS.AtMostOnce; qos <= QoS.ExactlyOnce; qos++)
        {
            await client.PublishAsync($"{Name}/{qos}", $"{qos}", qos, retain: true);
        }

        foreach (var expected in new[] { first, second })
        {
            await client.SubscribeAsync($"{Name}/+", new SubscriptionOptions(QoS.ExactlyOnce, RetainHandling: handling));
            var messages = await client.ReceiveAsync(expected, "the retained messages");
            Assert.Equal(expected, messages.Select(static m => m.QoS).Distinct().Count());

            // What is published now comes behind all of them.
            await client.PublishAsync($"{Name}/end", "end", QoS.AtLeastOnce);
            Assert.Equal("end", (await client.ReceiveAsync("a message behind them")).Text);
        }
    }

    [Fact]
    public async Task RequestAndResponse_FindEachOther()
    {
        byte[] properties = [0x08, 0, (byte)Name.Length, .. System.Text.Encoding.UTF8.GetBytes(Name), 0x09, 0, 3, .. "334"u8];
        await using var requester = await ConnectAsync("a");
        await using var responder = await ConnectAsync("b");
        await requester.SubscribeAsync(Name, new SubscriptionOptions(QoS.ExactlyOnce, NoLocal: true));
        await responder.SubscribeAsync(Name, new SubscriptionOptions(QoS.ExactlyOnce, NoLocal: true));
        await requester.PublishAsync(Name, "request", QoS.AtLeastOnce, properties: properties);
        var request = await responder.ReceiveAsync("the request");
        Assert.Equal(properties, request.Properties);
        await responder.PublishAsync(Name, "response", QoS.AtLeastOnce, properties: request.Properties);
        var response = await requester.ReceiveAsync("the response");
        Assert.Equal(("response", Convert.ToHexString(properties)), (response.Text, Convert.ToHexString(response.Properties)));
    }

    [Fact]
    public async Task TopicAlias_OfZero_EndsTheConnection()
    {
        await using var client = await ConnectAsync("a");
        client.Send([0x30, 0x07, 0, 1, (byte)'t', 0x03, 0x23, 0, 0]);
        Assert.Equal(ReasonCode.TopicAliasInvalid, await client.ClosedAsync("the close after alias 0"));
    }

    [Fact]
    public async Task TopicAliases_ToAClientThatTakesNone_AreNotSent()
    {
        foreach (ushort? maximum in new ushort?[] { null, 0 })
        {
            await using var client = await ConnectAsync(new ConnectPacket { ClientId = Name, CleanStart = true, TopicAliasMaximum = maximum });
            await client.SubscribeAsync(Name, QoS.ExactlyOnce);
            for (var qos = QoS.AtMostOnce; qos <= QoS.ExactlyOnce; qos++)
            {
                await client.PublishAsync(Name, "x", qos);
            }

            Assert.All(await client.ReceiveAsync(3, "its own messages"), m => Assert.Equal((Name, 0), (m.Topic, m.Properties.Length)));
        }
    }

    [Fact]
    public async Task MaximumPacketSize_OfTheClient_IsKept()
    {
        await using var client = await ConnectAsync(new ConnectPacket { ClientId = Name, CleanStart = true, MaximumPacketSize = 64 });
        await client.SubscribeAsync(Name, QoS.ExactlyOnce);
        await client.PublishAsync(Name, new string('.', 32), QoS.AtMostOnce);
        Assert.Equal(32, (await client.ReceiveAsync("the message that fits")).Payload.Length);
        await client.PublishAsync(Name, new string('.', 64), QoS.AtLeastOnce);
        await client.PublishAsync(Name, "behind it", QoS.AtLeastOnce);
        Assert.Equal("behind it", (await client.ReceiveAsync("the next message that fits")).Text);
    }

    [Theory]
    [InlineData(120, 60)]
    [InlineData(0, 60)]
    [InlineData(30, null)]
    public async Task ServerKeepAlive_IsToldToAClientThatAsksForMore(int asked, int? told)
    {
        await using var client = await ConnectAsync("a", keepAlive: (ushort)asked);
        Assert.Equal((ushort?)told, client.ConnAck!.ServerKeepAlive);
    }

    [Fact]
    public async Task ReceiveMaximum_OfTheClient_IsKept()
    {
        await using var client = await ConnectAsync(
            new ConnectPacket { ClientId = Name, CleanStart = true, ReceiveMaximum = 2, SessionExpiryInterval = 0 }, acknowledges: false);
        await client.SubscribeAsync(Name, QoS.ExactlyOnce);
        for (var i = 1; i <= 3; i++)
        {
            await client.PublishAsync(Name, $"{i}", QoS.AtLeastOnce);
        }

        var first = await client.ReceiveAsync("the first message");
        var second = await client.ReceiveAsync("the second message");
        await client.PingAsync();
        Assert.Equal(0, client.Waiting);
        client.Acknowledge(first);
        var third = await client.ReceiveAsync("the third message, behind an acknowledgement");
        Assert.Equal(["1", "2", "3"], new[] { first, second, third }.Select(static m => m.Text));
    }

    [Fact]
    public async Task SharedSubscription_IsServedOnce_AndOthersAreServedAll()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        foreach (var client in new[] { a, b })
        {
            await client.SubscribeAsync(($"$share/sharename/{Name}/x", QoS.ExactlyOnce), ($"{Name}/y", QoS.ExactlyOnce));
        }

        await b.PublishAsync($"{Name}/y", "for both", QoS.AtLeastOnce);
        Assert.Equal("for both", (await a.ReceiveAsync("the message for both")).Text);
        Assert.Equal("for both", (await b.ReceiveAsync("the message for both")).Text);

        await b.PublishAsync($"{Name}/x", "for one", QoS.AtLeastOnce);
        await a.PingAsync();
        await b.PingAsync();
        Assert.Equal(1, a.Waiting + b.Waiting);
    }

    private async Task<bool> IsPresentAsync(bool cleanStart, uint expiry, uint? expiryAtEnd = null)
    {
        await using var client = await ConnectAsync(new ConnectPacket { ClientId = Name, CleanStart = cleanStart, SessionExpiryInterval = expiry });
        client.Send(new DisconnectPacket { SessionExpiryInterval = expiryAtEnd });
        await client.ClosedAsync("the end of the connection");
        return client.ConnAck!.SessionPresent;
    }
}
