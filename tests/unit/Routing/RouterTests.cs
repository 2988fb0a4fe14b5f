using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Routing;
using IotPlatform.Sessions;
using IotPlatform.Unit.Tests.Sessions;

namespace IotPlatform.Unit.Tests.Routing;

/// <summary>Who gets what a client publishes.</summary>
public sealed class RouterTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public void Publish_ReachesThoseWhoAreSubscribed_AndSaysWhetherAnyoneIs()
    {
        var (a, atA) = _edge.Online("a");
        var (_, atB) = _edge.Online("b");
        Subscribe(a, "x/+");
        Assert.True(Publish("x/1"));
        Assert.False(Publish("y/1"));
        Assert.Equal("x/1", Assert.Single(SentPublish.In(atA.Sent)).Topic);
        Assert.Empty(atB.Sent);

        _edge.Router.Unsubscribe(a, Utf8("x/+"));
        Assert.False(Publish("x/1"));
        Assert.Equal(0, _edge.Router.FilterCount);
    }

    // The engine calls an idle grain on the caller's stack, and what comes of that may be published.
    [Fact]
    public void Publish_WithinAnother_OnItsThread_DisturbsNeither()
    {
        var (a, atA) = _edge.Online("a");
        var (b, atB) = _edge.Online("b");
        Subscribe(a, "x");
        Subscribe(b, "x");
        Subscribe(b, "y");
        atA.OnSent = () => Publish("y");
        Publish("x");
        Assert.Single(atA.Sent);
        Assert.Equal(["y", "x"], SentPublish.In(atB.Sent).Select(static publish => publish.Topic).OrderDescending());
    }

    [Fact]
    public void OverlappingFilters_GetItOnce_WithTheHighestQoS()
    {
        var (a, atA) = _edge.Online("a");
        Subscribe(a, "x/#", QoS.AtMostOnce);
        Subscribe(a, "x/1", QoS.AtLeastOnce);
        Subscribe(a, "+/1", QoS.AtMostOnce);
        Publish("x/1", qos: QoS.ExactlyOnce);
        Assert.Equal(QoS.AtLeastOnce, Assert.Single(SentPublish.In(atA.Sent)).QoS);
    }

    [Theory]
    [InlineData(QoS.AtMostOnce, QoS.ExactlyOnce, QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce, QoS.ExactlyOnce, QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce, QoS.ExactlyOnce, QoS.ExactlyOnce)]
    [InlineData(QoS.ExactlyOnce, QoS.AtMostOnce, QoS.AtMostOnce)]
    public void QoS_IsTheLowerOfPublishedAndGranted(QoS published, QoS granted, QoS expected)
    {
        var (a, atA) = _edge.Online("a");
        Subscribe(a, "x", granted);
        Publish("x", qos: published);
        Assert.Equal(expected, Assert.Single(SentPublish.In(atA.Sent)).QoS);
    }

    [Fact]
    public void NoLocal_KeepsAClientsOwnMessagesAway()
    {
        var (a, atA) = _edge.Online("a", ProtocolVersion.Mqtt500);
        _edge.Router.TrySubscribe(a, Utf8("x"), new SubscriptionTerms(new SubscriptionOptions(QoS.AtMostOnce, NoLocal: true)));
        Assert.False(Publish("x", from: a));
        Assert.Empty(atA.Sent);
        Assert.True(Publish("x"));
        Assert.Single(atA.Sent);
    }

    [Fact]
    public void ShareGroup_GivesEachMessageToOneMemberInTurn()
    {
        var members = Enumerable.Range(0, 3).Select(i => _edge.Online($"m{i}")).ToArray();
        var (other, atOther) = _edge.Online("other");
        Subscribe(other, "x");
        foreach (var (session, _) in members)
        {
            Subscribe(session, "$share/g/x");
        }

        for (var i = 0; i < 9; i++)
        {
            Publish("x");
        }

        Assert.Equal([3, 3, 3], members.Select(static m => m.Connection.Sent.Count));
        Assert.Equal(9, atOther.Sent.Count);
    }

    [Fact]
    public async Task StickyShareGroup_GivesATopicToOneMember_AndMovesOnlyThatOfOneThatLeaves()
    {
        await using var edge = new Edge(configure: static settings => settings.SharedSubscriptions.Groups["sticky"] = ShareChoice.Sticky);
        var members = Enumerable.Range(0, 3).Select(i => edge.Online($"m{i}")).ToArray();
        foreach (var (session, _) in members)
        {
            Subscribe(edge, session, "$share/sticky/+");
        }

        string[] topics = [.. Enumerable.Range(0, 30).Select(static i => $"t{i}")];
        string[][] Round()
        {
            foreach (var topic in topics)
            {
                Publish(edge, topic);
            }

            string[][] got = [.. members.Select(static m => SentPublish.In(m.Connection.Sent).Select(static p => p.Topic).ToArray())];
            foreach (var (_, connection) in members)
            {
                connection.Sent.Clear();
            }

            return got;
        }

        var first = Round();
        Assert.All(first, static ofMember => Assert.InRange(ofMember.Length, 3, 20));
        Assert.Equal(first, Round());

        edge.Router.Unsubscribe(members[1].Session, Utf8("$share/sticky/+"));
        var after = Round();
        Assert.Empty(after[1]);
        Assert.Empty(first[0].Except(after[0]));
        Assert.Empty(first[2].Except(after[2]));
        Assert.Equal(topics.Length, after[0].Length + after[2].Length);
    }

    [Theory]
    [InlineData(ShareChoice.Sticky, "other", new[] { 0, 6 })]
    [InlineData(ShareChoice.Sticky, "turns", new[] { 3, 3 })]
    [InlineData(ShareChoice.RoundRobin, "other", new[] { 3, 3 })]
    public async Task ShareGroup_ThatIsNamed_HasItsOwnChoice(ShareChoice choice, string group, int[] expected)
    {
        await using var edge = new Edge(configure: settings =>
        {
            settings.SharedSubscriptions.Choice = choice;
            settings.SharedSubscriptions.Groups["turns"] = ShareChoice.RoundRobin;
        });
        var members = Enumerable.Range(0, 2).Select(i => edge.Online($"m{i}")).ToArray();
        foreach (var (session, _) in members)
        {
            Subscribe(edge, session, $"$share/{group}/x");
        }

        for (var i = 0; i < 6; i++)
        {
            Publish(edge, "x");
        }

        Assert.Equal(expected, members.Select(static m => m.Connection.Sent.Count).Order());
    }

    [Fact]
    public async Task StickyShareGroup_PassesOverAMemberThatIsJustGoing()
    {
        await using var edge = new Edge(configure: static settings => settings.SharedSubscriptions.Choice = ShareChoice.Sticky);
        var members = Enumerable.Range(0, 2).Select(i => edge.Online($"m{i}")).ToArray();
        foreach (var (session, _) in members)
        {
            Subscribe(edge, session, "$share/g/x");
        }

        Publish(edge, "x");
        var chosen = members.Single(static m => m.Connection.Sent.Count == 1);
        chosen.Session.Detach(chosen.Session.Peer!);
        Publish(edge, "x");
        Assert.Equal([1, 1], members.Select(static m => m.Connection.Sent.Count));
    }

    [Fact]
    public void AtMostOnce_ToBothVersions_IsEncodedForEach()
    {
        var (a, atA) = _edge.Online("a");
        var (b, atB) = _edge.Online("b", ProtocolVersion.Mqtt500);
        Subscribe(a, "x");
        Subscribe(b, "x");
        Publish("x", payload: "hello");
        Assert.Equal("hello", Assert.Single(SentPublish.In(atA.Sent)).Payload);
        Assert.Equal("hello", Assert.Single(SentPublish.In(atB.Sent, ProtocolVersion.Mqtt500)).Payload);
        Assert.Equal(atA.Sent[0].Length + 1, atB.Sent[0].Length);
    }

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    public void Properties_GoToMqtt500Only_WithoutThoseOfOneHop(QoS qos)
    {
        var (a, atA) = _edge.Online("a");
        var (b, atB) = _edge.Online("b", ProtocolVersion.Mqtt500);
        Subscribe(a, "x", qos);
        Subscribe(b, "x", qos);

        // Payload format 1, message expiry 60 s, content type "t".
        byte[] properties = [0x01, 1, 0x02, 0, 0, 0, 60, 0x03, 0, 1, (byte)'t'];
        Publish("x", qos: qos, properties: properties);
        Assert.Equal("", Assert.Single(SentPublish.In(atA.Sent)).Properties);
        // What is left of the expiry [MQTT-3.3.2-6] comes first.
        Assert.Equal("020000003C010103000174", Assert.Single(SentPublish.In(atB.Sent, ProtocolVersion.Mqtt500)).Properties);
    }

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public void Retain_IsKeptOnlyForThoseWhoAskedForIt(QoS qos)
    {
        var (a, atA) = _edge.Online("a", ProtocolVersion.Mqtt500);
        var (b, atB) = _edge.Online("b", ProtocolVersion.Mqtt500);
        Subscribe(a, "x", qos);
        _edge.Router.TrySubscribe(b, Utf8("x"), new SubscriptionTerms(new SubscriptionOptions(qos, RetainAsPublished: true)));
        Publish("x", qos: qos, retain: true);
        Assert.False(Assert.Single(SentPublish.In(atA.Sent, ProtocolVersion.Mqtt500)).Retain);
        Assert.True(Assert.Single(SentPublish.In(atB.Sent, ProtocolVersion.Mqtt500)).Retain);
    }

    [Fact]
    public void Retain_OfAMessageThatWaits_IsKept()
    {
        var session = _edge.NewSession("away");
        _edge.Router.TrySubscribe(session, Utf8("x"), new SubscriptionTerms(new SubscriptionOptions(QoS.AtLeastOnce, RetainAsPublished: true)));
        Publish("x", qos: QoS.AtLeastOnce, retain: true);
        Publish("x", qos: QoS.AtLeastOnce, retain: false);

        var connection = new FakeConnection();
        session.Attach(_edge.NewPeer(connection, ProtocolVersion.Mqtt500));
        Assert.Equal([true, false], SentPublish.In(connection.Sent, ProtocolVersion.Mqtt500).Select(static p => p.Retain));
    }

    [Fact]
    public void AtLeastOnce_ToASessionThatIsAway_WaitsForIt_AndOwnsItsBytes()
    {
        var session = _edge.NewSession("away");
        Subscribe(session, "x", QoS.AtLeastOnce);
        var payload = Utf8("hello");
        Publish("x", qos: QoS.AtLeastOnce, payloadBytes: payload);
        payload.AsSpan().Clear();

        var connection = new FakeConnection();
        session.Attach(_edge.NewPeer(connection));
        Assert.Equal("hello", Assert.Single(SentPublish.In(connection.Sent)).Payload);
    }

    [Fact]
    public void Publishes_OneAfterTheOther_DoNotMixUpTheirEncodings()
    {
        var (a, atA) = _edge.Online("a");
        Subscribe(a, "#");
        Publish("x", payload: new string('l', 5_000));
        Publish("y", payload: "s");
        Assert.Equal([("x", 5_000), ("y", 1)], SentPublish.In(atA.Sent).Select(static p => (p.Topic, p.Payload.Length)));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static void Publish(Edge edge, string topic) => edge.Router.Publish(from: null, new PublishPacket { Topic = Utf8(topic), Payload = "p"u8 });

    private static void Subscribe(Edge edge, Session session, string filter) =>
        Assert.True(edge.Router.TrySubscribe(session, Utf8(filter), new SubscriptionTerms(new SubscriptionOptions(QoS.AtMostOnce))));

    private void Subscribe(Session session, string filter, QoS qos = QoS.AtMostOnce) =>
        _edge.Router.TrySubscribe(session, Utf8(filter), new SubscriptionTerms(new SubscriptionOptions(qos)));

    private bool Publish(
        string topic,
        string payload = "p",
        QoS qos = QoS.AtMostOnce,
        Session? from = null,
        bool retain = false,
        byte[]? properties = null,
        byte[]? payloadBytes = null)
    {
        Assert.True(PublishProperties.TryParse(properties ?? [], Sender.Client, out var parsed, out _));
        return _edge.Router.Publish(from, new PublishPacket
        {
            Topic = Utf8(topic),
            Payload = payloadBytes ?? Utf8(payload),
            Properties = parsed,
            PacketId = qos == QoS.AtMostOnce ? (ushort)0 : (ushort)1,
            Flags = new PublishFlags(qos, retain),
        }).Reason == ReasonCode.Success;
    }
}
