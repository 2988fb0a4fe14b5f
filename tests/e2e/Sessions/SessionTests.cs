using System.Diagnostics;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>Connections and the sessions that outlive them.</summary>
public sealed class SessionTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData(V3, V3)]
    [InlineData(V3, V5)]
    [InlineData(V5, V3)]
    [InlineData(V5, V5)]
    public async Task Takeover_ByANewerConnection_ClosesTheOlder(ProtocolVersion olderVersion, ProtocolVersion newerVersion)
    {
        var device = await Api.CreateDeviceAsync();
        await using var older = await ConnectAsync(device.Connect(olderVersion));

        await using var newer = await ConnectAsync(device.Connect(newerVersion));

        Assert.Equal(ReasonOn(olderVersion, ReasonCode.SessionTakenOver), await older.ClosedAsync("the older connection is closed"));
        await newer.PingAsync();
        Assert.True((await Api.DeviceAsync(device)).Flag("online"));
    }

    // One device is one session, whatever client ids it shows.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Takeover_ByAnotherClientIdOfTheDevice_ClosesTheOlder(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var older = await ConnectAsync(device.Connect(version, clientId: "first"));

        await using var newer = await ConnectAsync(device.Connect(version, clientId: "second"));

        Assert.Equal(ReasonOn(version, ReasonCode.SessionTakenOver), await older.ClosedAsync("the older connection is closed"));
        await newer.PingAsync();
    }

    [Fact]
    public async Task Takeover_ManyAtOnce_LeavesOne()
    {
        var device = await Api.CreateDeviceAsync();
        var connecting = Enumerable.Range(0, 20).Select(_ => RawClient.OpenAsync(gateway.Process.Mqtt)).ToArray();
        var clients = await Task.WhenAll(connecting);
        foreach (var client in clients)
        {
            client.Send(device.Connect());
        }

        await Deadline.UntilAsync(
            () => Task.FromResult(clients.Count(static c => !c.ClosedAsync("").IsCompleted)), static open => open == 1, "one of twenty connections is left");

        (await Api.SendMessageAsync(device, "to the one that is left")).Expect(System.Net.HttpStatusCode.Created);
        var left = clients.Single(static c => !c.ClosedAsync("").IsCompleted);
        Assert.Equal("to the one that is left", (await left.ReceiveAsync("the message")).Text);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    // [MQTT-3.1.2-22]
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task SilentClient_AfterOneAndAHalfKeepAlives_IsClosed(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device.Connect(version, keepAlive: 2));
        var clock = Stopwatch.StartNew();

        var reason = await client.ClosedAsync("the silent client is closed");

        Assert.Equal(ReasonOn(version, ReasonCode.KeepAliveTimeout), reason);
        Assert.InRange(clock.Elapsed.TotalSeconds, 2, 6);
    }

    [Theory]
    [InlineData(V3, V3, QoS.AtMostOnce)]
    [InlineData(V3, V5, QoS.AtMostOnce)]
    [InlineData(V5, V3, QoS.AtMostOnce)]
    [InlineData(V5, V5, QoS.AtMostOnce)]
    [InlineData(V3, V3, QoS.AtLeastOnce)]
    [InlineData(V3, V5, QoS.AtLeastOnce)]
    [InlineData(V5, V3, QoS.AtLeastOnce)]
    [InlineData(V5, V5, QoS.AtLeastOnce)]
    [InlineData(V3, V3, QoS.ExactlyOnce)]
    [InlineData(V3, V5, QoS.ExactlyOnce)]
    [InlineData(V5, V3, QoS.ExactlyOnce)]
    [InlineData(V5, V5, QoS.ExactlyOnce)]
    public async Task Publish_BetweenDevices_ArrivesOnceInItsQoS(ProtocolVersion from, ProtocolVersion to, QoS qos)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var publisher = await ConnectAsync(devices[0].Connect(from));
        await using var subscriber = await ConnectAsync(devices[1].Connect(to));
        var topic = $"rooms/{devices[0].ProductKey}/light";
        Assert.Equal((ReasonCode)qos, await subscriber.SubscribeAsync($"rooms/{devices[0].ProductKey}/+", qos));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(ReasonCode.Success, await publisher.PublishAsync(topic, $"{i}", qos));
        }

        var messages = await subscriber.ReceiveAsync(20, "the published messages");
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}"), messages.Select(static m => m.Text));
        Assert.All(messages, message => Assert.Equal((topic, qos, false), (message.Topic, message.QoS, message.IsDuplicate)));
        await subscriber.PingAsync();
        Assert.Equal(0, subscriber.Waiting);
    }

    [Theory]
    [InlineData(QoS.ExactlyOnce, QoS.AtMostOnce, QoS.AtMostOnce)]
    [InlineData(QoS.ExactlyOnce, QoS.AtLeastOnce, QoS.AtLeastOnce)]
    [InlineData(QoS.AtMostOnce, QoS.ExactlyOnce, QoS.AtMostOnce)]
    public async Task Publish_ToASubscriptionOfOtherQoS_ArrivesInTheLower(QoS published, QoS subscribed, QoS expected)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device.Connect());
        await client.SubscribeAsync(device.Topic("echo"), subscribed);

        await client.PublishAsync(device.Topic("echo"), "x", published);

        Assert.Equal(expected, (await client.ReceiveAsync("its own message")).QoS);
    }

    // [MQTT-4.3.3-10] A second copy before PUBREL is not a second message.
    [Fact]
    public async Task Publish_QoS2SentTwiceBeforeItsRelease_ArrivesOnce()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device.Connect());
        await client.SubscribeAsync(device.Topic("echo"));

        client.SendPublish(device.Topic("echo"), "once"u8, new Mqtt.Codec.PublishFlags(QoS.ExactlyOnce), packetId: 7);
        client.SendPublish(device.Topic("echo"), "once"u8, new Mqtt.Codec.PublishFlags(QoS.ExactlyOnce, Dup: true), packetId: 7);
        await client.PingAsync();

        Assert.Equal("once", (await client.ReceiveAsync("its own message")).Text);
        Assert.Equal(0, client.Waiting);
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task LastingSession_OverAReconnection_KeepsSubscriptionsAndQueuedMessages(ProtocolVersion version)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var publisher = await ConnectAsync(devices[1].Connect());
        var lasting = devices[0].Connect(version, cleanStart: false, sessionExpiry: version == V5 ? 60u : null);
        await using (var first = await ConnectAsync(lasting))
        {
            Assert.False(first.ConnAck!.SessionPresent);
            await first.SubscribeAsync(devices[0].Topic("news"), QoS.AtLeastOnce);
            await first.DisconnectAsync();
        }

        await Api.UntilOnlineAsync(devices[0], online: false);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(ReasonCode.Success, await publisher.PublishAsync(devices[0].Topic("news"), $"{i}", QoS.AtLeastOnce));
        }

        await using var second = await ConnectAsync(lasting);

        Assert.True(second.ConnAck!.SessionPresent);
        var queued = await second.ReceiveAsync(10, "what was queued");
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"{i}"), queued.Select(static m => m.Text));
        await publisher.PublishAsync(devices[0].Topic("news"), "live", QoS.AtLeastOnce);
        Assert.Equal("live", (await second.ReceiveAsync("a message by the kept subscription")).Text);
    }

    // Section 4.9
    [Fact]
    public async Task Published_BeyondReceiveMaximum_WaitsForAcknowledgements()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var publisher = await ConnectAsync(devices[1].Connect());
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect(receiveMaximum: 2), acknowledges: false);
        await client.SubscribeAsync(devices[0].Topic("news"), QoS.AtLeastOnce);
        for (var i = 0; i < 6; i++)
        {
            await publisher.PublishAsync(devices[0].Topic("news"), $"{i}", QoS.AtLeastOnce);
        }

        for (var i = 0; i < 6; i++)
        {
            var message = await client.ReceiveAsync($"message {i}");
            await client.PingAsync();
            Assert.Equal($"{i}", message.Text);
            Assert.InRange(client.Waiting, 0, 1);
            client.Acknowledge(message);
        }
    }

    // [MQTT-4.4.0-1] A message that the client has received is released again, not sent again.
    [Fact]
    public async Task LastingSession_WithAnUnfinishedQoS2Message_GoesOnWithItsRelease()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var publisher = await ConnectAsync(devices[1].Connect());
        var lasting = devices[0].Connect(cleanStart: false, sessionExpiry: 60);
        await using var first = await RawClient.ConnectAsync(gateway.Process.Mqtt, lasting, acknowledges: false);
        await first.SubscribeAsync(devices[0].Topic("news"), QoS.ExactlyOnce);
        await publisher.PublishAsync(devices[0].Topic("news"), "once", QoS.ExactlyOnce);
        first.Acknowledge(await first.ReceiveAsync("the message"));
        await first.PingAsync();
        first.Abort();

        await using var second = await ConnectAsync(lasting);

        await second.PingAsync();
        Assert.Equal(0, second.Waiting);
        await publisher.PublishAsync(devices[0].Topic("news"), "next", QoS.ExactlyOnce);
        Assert.Equal("next", (await second.ReceiveAsync("the message behind it")).Text);
    }

    // [MQTT-4.4.0-1]
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task LastingSession_WithUnacknowledgedMessages_GetsThemAgainAsDuplicates(ProtocolVersion version)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var publisher = await ConnectAsync(devices[1].Connect());
        var lasting = devices[0].Connect(version, cleanStart: false, sessionExpiry: version == V5 ? 60u : null);
        await using var first = await RawClient.ConnectAsync(gateway.Process.Mqtt, lasting, acknowledges: false);
        await first.SubscribeAsync(devices[0].Topic("news"), QoS.ExactlyOnce);
        await publisher.PublishAsync(devices[0].Topic("news"), "one", QoS.AtLeastOnce);
        await publisher.PublishAsync(devices[0].Topic("news"), "two", QoS.ExactlyOnce);
        var before = await first.ReceiveAsync(2, "the messages");
        first.Abort();

        await using var second = await ConnectAsync(lasting);

        var after = await second.ReceiveAsync(2, "the messages again");
        Assert.Equal(before.Select(static m => (m.Text, m.PacketId, m.QoS)), after.Select(static m => (m.Text, m.PacketId, m.QoS)));
        Assert.All(after, static m => Assert.True(m.IsDuplicate));
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task CleanStart_OverALastingSession_DiscardsIt(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using (var first = await ConnectAsync(device.Connect(version, cleanStart: false, sessionExpiry: version == V5 ? 60u : null)))
        {
            await first.SubscribeAsync(device.Topic("news"), QoS.AtLeastOnce);
            await first.DisconnectAsync();
        }

        await using var second = await ConnectAsync(device.Connect(version));

        Assert.False(second.ConnAck!.SessionPresent);
        await second.PublishAsync(device.Topic("news"), "to nobody", QoS.AtLeastOnce);
        await second.PingAsync();
        Assert.Equal(0, second.Waiting);
    }

    // Section 3.1.2.11.2
    [Fact]
    public async Task SessionExpiry_Zero_EndsTheSessionWithItsConnection()
    {
        var device = await Api.CreateDeviceAsync();
        await using (var first = await ConnectAsync(device.Connect(cleanStart: false)))
        {
            await first.DisconnectAsync();
        }

        await Api.UntilOnlineAsync(device, online: false);
        await using var second = await ConnectAsync(device.Connect(cleanStart: false));

        Assert.False(second.ConnAck!.SessionPresent);
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Unsubscribed_Filter_GetsNothingMore(ProtocolVersion version)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await ConnectAsync(device.Connect(version));
        await client.SubscribeAsync((device.Topic("a"), QoS.AtMostOnce), (device.Topic("b"), QoS.AtMostOnce));

        await client.UnsubscribeAsync(device.Topic("a"));
        await client.PublishAsync(device.Topic("a"), "gone");
        await client.PublishAsync(device.Topic("b"), "kept");

        Assert.Equal("kept", (await client.ReceiveAsync("the message of the other subscription")).Text);
    }

    [Fact]
    public async Task SharedSubscription_OfASessionThatEndsWithWhatItHas_GivesItToAnotherMember()
    {
        var devices = await Api.CreateDevicesAsync(3);
        var topic = $"share/{Guid.NewGuid():N}";
        await using var publisher = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        var leaving = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[1].Connect(sessionExpiry: 1), acknowledges: false);
        await leaving.SubscribeAsync($"$share/g/{topic}", QoS.AtLeastOnce);
        Assert.Equal(ReasonCode.Success, await publisher.PublishAsync(topic, "for one of them", QoS.AtLeastOnce));
        await leaving.ReceiveAsync("the message, which it does not acknowledge");
        await using var staying = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[2].Connect(sessionExpiry: 600));
        await staying.SubscribeAsync($"$share/g/{topic}", QoS.AtLeastOnce);

        await leaving.DisposeAsync();

        Assert.Equal("for one of them", (await staying.ReceiveAsync("what the other one had", TimeSpan.FromSeconds(20))).Text);
    }

    [Fact]
    public async Task SharedSubscription_OfSeveralDevices_GivesEachMessageToOne()
    {
        var devices = await Api.CreateDevicesAsync(4);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);
        var topic = $"jobs/{devices[0].ProductKey}";
        foreach (var member in clients.Take(3))
        {
            await member.SubscribeAsync($"$share/workers/{topic}", QoS.AtLeastOnce);
        }

        for (var i = 0; i < 60; i++)
        {
            await clients[3].PublishAsync(topic, $"{i}", QoS.AtLeastOnce);
        }

        var received = new List<string>();
        foreach (var member in clients.Take(3))
        {
            await member.PingAsync();
            Assert.True(member.Waiting > 0, "A member of the group got nothing.");
            while (member.TryReceive(out var message))
            {
                received.Add(message!.Text);
            }
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(static i => $"{i}").Order(), received.Order());
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_AfterAnAbnormalEnd_IsPublished(ProtocolVersion version)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var watcher = await ConnectAsync(devices[1].Connect());
        var will = new WillMessage { Topic = $"wills/{devices[0].Name}", Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce };
        await watcher.SubscribeAsync(will.Topic, QoS.AtLeastOnce);
        await using var client = await ConnectAsync(devices[0].Connect(version, will: will));

        client.Abort();

        var message = await watcher.ReceiveAsync("the will");
        Assert.Equal((will.Topic, "gone", QoS.AtLeastOnce), (message.Topic, message.Text, message.QoS));
    }

    // [MQTT-3.1.2-10] of 3.1.1, [MQTT-3.14.4-3]
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_AfterDisconnect_IsDiscarded(ProtocolVersion version)
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var watcher = await ConnectAsync(devices[1].Connect());
        var will = new WillMessage { Topic = $"wills/{devices[0].Name}", Payload = "gone"u8.ToArray() };
        await watcher.SubscribeAsync(will.Topic);
        await using var client = await ConnectAsync(devices[0].Connect(version, will: will));

        await client.DisconnectAsync();

        await Api.UntilOnlineAsync(devices[0], online: false);
        await watcher.PingAsync();
        Assert.Equal(0, watcher.Waiting);
    }

    // Section 3.14.2.1
    [Fact]
    public async Task Will_AfterDisconnectWithWill_IsPublished()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var watcher = await ConnectAsync(devices[1].Connect());
        var will = new WillMessage { Topic = $"wills/{devices[0].Name}", Payload = "gone"u8.ToArray() };
        await watcher.SubscribeAsync(will.Topic);
        await using var client = await ConnectAsync(devices[0].Connect(will: will));

        client.Send(new DisconnectPacket { ReasonCode = ReasonCode.DisconnectWithWill });

        Assert.Equal("gone", (await watcher.ReceiveAsync("the will")).Text);
    }

    [Fact]
    public async Task Will_OfASilentClient_IsPublishedAtItsKeepAlivesEnd()
    {
        var devices = await Api.CreateDevicesAsync(2);
        await using var watcher = await ConnectAsync(devices[1].Connect());
        var will = new WillMessage { Topic = $"wills/{devices[0].Name}", Payload = "silent"u8.ToArray() };
        await watcher.SubscribeAsync(will.Topic);

        await using var client = await ConnectAsync(devices[0].Connect(will: will, keepAlive: 1));

        Assert.Equal("silent", (await watcher.ReceiveAsync("the will")).Text);
    }

    private Task<RawClient> ConnectAsync(ConnectPacket connect) => RawClient.ConnectAsync(gateway.Process.Mqtt, connect);

    // 3.1.1 has no DISCONNECT from the server.
    private static ReasonCode? ReasonOn(ProtocolVersion version, ReasonCode reason) => version == V5 ? reason : null;
}
