using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Sessions that outlive their connections, as clients see them.</summary>
public sealed class KeptSessionTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Client_ThatComesBack_FindsWhatWasPublishedMeanwhile(ProtocolVersion version)
    {
        var subscriber = await ConnectAsync("s", version);
        Assert.False(subscriber.ConnAck.SessionPresent);
        await subscriber.SubscribeAsync("t/#", QoS.ExactlyOnce);
        subscriber.Abort();
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync("t/1", "one");
        await publisher.PublishAsync("t/2", "two");

        subscriber = await ConnectAsync("s", version);
        Assert.True(subscriber.ConnAck.SessionPresent);
        await subscriber.ReceiveAsync(2);
        Assert.Equal(["one", "two"], subscriber.Texts);
    }

    // [MQTT-4.4.0-1]
    [Fact]
    public async Task Unacknowledged_OnTheNextConnection_ComesAgainWithDup_InOrderAndWithItsPacketIds()
    {
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t");
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        for (var i = 0; i < 5; i++)
        {
            await publisher.PublishAsync("t", $"m{i}");
        }

        var first = await subscriber.ReceiveAsync(5);
        subscriber.Acknowledge(first[2]);
        await Patience.UntilAsync(() => _edge.Host.Sessions.MessageCount == 4);
        subscriber.Abort();
        subscriber = await ConnectAsync("s");
        var again = await subscriber.ReceiveAsync(4);
        Assert.Equal(first.Where((_, i) => i != 2).Select(static m => m with { Dup = true }), again);
    }

    [Fact]
    public async Task ExactlyOnce_IsReleasedOnlyWhenThatIsStored_AndReleasedAgainOnTheNextConnection()
    {
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        publisher.Publish("t", "once", QoS.ExactlyOnce);
        var message = (await subscriber.ReceiveAsync(1))[0];
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);

        var stored = new TaskCompletionSource();
        _edge.Host.Sessions.OnWrite = what => what == "release" ? stored.Task : Task.CompletedTask;
        Answer(subscriber, PacketType.PubRec, message.PacketId);
        Assert.DoesNotContain(subscriber.Packets, static p => p.Type == PacketType.PubRel);
        stored.SetResult();
        await Patience.UntilAsync(() => subscriber.Packets.Exists(static p => p.Type == PacketType.PubRel));
        subscriber.Abort();

        subscriber = await ConnectAsync("s");
        await Patience.UntilAsync(() => subscriber.Packets.Exists(p => p.Type == PacketType.PubRel && p.PacketId == message.PacketId));
        Assert.Empty(subscriber.Messages);
        Answer(subscriber, PacketType.PubComp, message.PacketId);
        await Patience.UntilAsync(() => _edge.Host.Sessions.MessageCount == 0);
    }

    [Fact]
    public async Task ExactlyOnce_FromAClient_IsKnownBeforePubRec_AndTakenOnceAcrossConnections()
    {
        var subscriber = await EdgeClient.ConnectAsync(_edge, "s");
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        var publisher = await ConnectAsync("p");
        var stored = new TaskCompletionSource();
        _edge.Host.Sessions.OnWrite = what => what == "received" ? stored.Task : Task.CompletedTask;
        publisher.Publish("t", "once", QoS.ExactlyOnce, packetId: 7);
        Assert.Empty(publisher.Acknowledgements);
        Assert.Empty(subscriber.Messages);
        stored.SetResult();
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);
        publisher.Abort();

        publisher = await ConnectAsync("p");
        publisher.Publish("t", "once", QoS.ExactlyOnce, packetId: 7);
        await Patience.UntilAsync(() => publisher.Acknowledgements.Length == 1);
        Assert.Equal(["once"], subscriber.Texts);

        Answer(publisher, PacketType.PubRel, 7);
        await Patience.UntilAsync(() => publisher.Packets.Exists(static p => p.Type == PacketType.PubComp));
        publisher.Publish("t", "another", QoS.ExactlyOnce, packetId: 7);
        await subscriber.ReceiveAsync(2);
    }

    [Fact]
    public async Task Subscription_ThatCanNotBeStored_IsRefused()
    {
        var subscriber = await ConnectAsync("s");
        _edge.Host.Sessions.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        Assert.True((await subscriber.SubscribeAsync(("t", new SubscriptionOptions(QoS.AtLeastOnce))))[0].IsFailure());
        Assert.Equal(0, _edge.Router.FilterCount);
    }

    [Fact]
    public async Task Publish_ThatCanNotBeStoredForASession_IsNotAcknowledgedAsTaken()
    {
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t");
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        _edge.Host.Sessions.OnWrite = static _ => Task.FromException(new StoreUnavailableException());
        Assert.Equal(ReasonCode.UnspecifiedError, await publisher.PublishAsync("t", "lost"));
    }

    [Fact]
    public async Task Unsubscribed_StaysSo()
    {
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t");
        await subscriber.UnsubscribeAsync("t");
        subscriber.Abort();
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync("t", "nobody's");
        subscriber = await ConnectAsync("s");
        Assert.True(subscriber.ConnAck.SessionPresent);
        Assert.Equal(0, _edge.Host.Sessions.MessageCount);
        Assert.Equal(0, _edge.Router.FilterCount);
    }

    [Fact]
    public async Task AtMostOnce_IsForConnectedClients_AlsoAfterTheyCameBack()
    {
        var subscriber = await ConnectAsync("s");
        await subscriber.SubscribeAsync("t", QoS.AtMostOnce);
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync("t", "lowered to QoS 0");
        await subscriber.ReceiveAsync(1);
        subscriber.Abort();
        await Patience.UntilAsync(() => _edge.Router.FilterCount == 0);
        await publisher.PublishAsync("t", "lost");
        subscriber = await ConnectAsync("s");
        await publisher.PublishAsync("t", "again");
        await subscriber.ReceiveAsync(1);
        Assert.Equal(["again"], subscriber.Texts);
    }

    // Section 4.8.2: to whom is there; to one that is away only where all are; and from one that is lost to another.
    [Fact]
    public async Task SharedSubscription_GoesToAConnectedMember_ToOneThatIsAwayOtherwise()
    {
        var away = await ConnectAsync("away");
        await away.SubscribeAsync("$share/g/t");
        away.Abort();
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync("t", "one");
        await Patience.UntilAsync(() => _edge.Host.Sessions.MessageCount == 1);
        var online = await EdgeClient.ConnectAsync(_edge, "online");
        await online.SubscribeAsync("$share/g/t");
        await publisher.PublishAsync("t", "two");
        await publisher.PublishAsync("t", "three");
        await online.ReceiveAsync(2);
        away = await ConnectAsync("away");
        await away.ReceiveAsync(1);
        Assert.Equal(["one"], away.Texts);
    }

    [Fact]
    public async Task SharedSubscription_WhoseMemberIsLostBeforeItAcknowledged_GivesItsMessagesToAnother()
    {
        var lost = await EdgeClient.ConnectAsync(_edge, "lost");
        await lost.SubscribeAsync("$share/g/t");
        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        await publisher.PublishAsync("t", "one");
        await publisher.PublishAsync("t", "two");
        var messages = await lost.ReceiveAsync(2);
        lost.Acknowledge(messages[0]);
        var other = await EdgeClient.ConnectAsync(_edge, "other");
        await other.SubscribeAsync("$share/g/t");
        lost.Abort();
        await other.ReceiveAsync(1);
        Assert.Equal(["two"], other.Texts);
    }

    private static void Answer(EdgeClient client, PacketType type, ushort packetId)
    {
        Span<byte> bytes = stackalloc byte[Acknowledgement.BytesMax];
        client.Send(bytes[..Acknowledgement.Write(bytes, type, packetId, ReasonCode.Success, client.Version)]);
    }

    private Task<EdgeClient> ConnectAsync(string clientId, ProtocolVersion version = ProtocolVersion.Mqtt500) =>
        EdgeClient.ConnectAsync(_edge, clientId, version, sessionExpiry: version == ProtocolVersion.Mqtt500 ? 1_000 : null, cleanStart: false);
}
