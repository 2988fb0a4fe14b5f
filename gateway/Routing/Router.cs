using System.Text;
using IotPlatform.Delivery;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;
using IotPlatform.Topics;
using Microsoft.Extensions.Options;

namespace IotPlatform.Routing;

/// <summary>Carries what clients publish to the sessions that are subscribed to it: those of this gateway, and through their gateways those of others.</summary>
internal sealed class Router
{
    private readonly SubscriptionTrie<Session, SubscriptionOptions> _trie = new();
    private readonly Lock _changing = new();
    private readonly LocalInterests _interests;
    private readonly PeerGateways _peers;
    private readonly GatewayInstruments _instruments;
    private readonly GatewayOptions _options;

    [ThreadStatic]
    private static Matches? t_matches;

    public Router(LocalInterests interests, PeerGateways peers, IOptions<GatewayOptions> options, GatewayInstruments instruments)
    {
        _interests = interests;
        _peers = peers;
        _options = options.Value;
        _instruments = instruments;
        peers.Reroute = Reroute;
    }

    public int FilterCount => _trie.FilterCount;

    /// <summary>Completes when everything that has been subscribed to by now is in effect at every gateway.</summary>
    public Task WhenEffective() => _interests.WhenEffective();

    /// <summary>
    /// Whether clients of other gateways may publish to a filter. What only the device itself may publish to concerns no other: a device is connected to one.
    /// Broadcasts have a tree of their own.
    /// </summary>
    public bool MayConcernOthers(ReadOnlySpan<byte> filter)
    {
        var plain = SharedSubscription.TryParse(filter, out _, out var shared) ? shared : filter;
        return _options.FreeTopics && !plain.StartsWith("/sys/"u8) && !plain.StartsWith("/broadcast/"u8);
    }

    /// <returns>False when this gateway has as many filters as it may have.</returns>
    public bool TrySubscribe(Session session, byte[] filter, SubscriptionOptions options)
    {
        if (!MayConcernOthers(filter))
        {
            _trie.Add(filter, session, options);
            return true;
        }

        lock (_changing)
        {
            if (!_interests.TryAdd(Encoding.UTF8.GetString(filter), _options.FiltersMax))
            {
                return false;
            }

            _trie.Add(filter, session, options);
            return true;
        }
    }

    public void Unsubscribe(Session session, byte[] filter)
    {
        if (!MayConcernOthers(filter))
        {
            _trie.Remove(filter, session);
            return;
        }

        lock (_changing)
        {
            if (_trie.Remove(filter, session) == RemoveOutcome.RemovedLast)
            {
                _interests.Remove(Encoding.UTF8.GetString(filter));
            }
        }
    }

    /// <summary>Sends a publish on. QoS 0 costs an encoding a version and no memory; above that the message is kept once for all its receivers.</summary>
    /// <param name="from">Who published it; null for the server itself.</param>
    /// <param name="packet">What was published; its memory is the caller's.</param>
    public PublishOutcome Publish(Session? from, in PublishPacket packet)
    {
        var matches = t_matches ??= new Matches();
        try
        {
            var visitor = new SessionVisitor(matches, from, packet.QoS);
            _trie.Match(packet.Topic, ref visitor);
            MatchPeers(matches, packet.Topic);
            TakeTurns(matches, packet.QoS, except: null);
            var hasReceivers = !matches.IsEmpty;
            var accepted = SendToPeers(matches, packet, out var isFull);
            if (isFull)
            {
                return new PublishOutcome(ReasonCode.QuotaExceeded, null);
            }

            Deliver(matches, packet, kept: null);
            return new PublishOutcome(hasReceivers ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers, accepted);
        }
        finally
        {
            matches.Clear();
        }
    }

    /// <summary>Takes a publish from another gateway, for the sessions of this one.</summary>
    /// <returns>The shared subscriptions that have no member here any more.</returns>
    public IReadOnlyList<string> Receive(RoutedPublish message)
    {
        var matches = t_matches ??= new Matches();
        try
        {
            var visitor = new SessionVisitor(matches, from: null, (QoS)message.QoS);
            _trie.Match(message.Topic.Span, ref visitor);
            if (message.SharesOnly)
            {
                matches.ClearSessions();
            }

            var unserved = Serve(matches, message);
            Deliver(matches, ToPacket(message), ToKept(message));
            return unserved;
        }
        finally
        {
            matches.Clear();
        }
    }

    private void MatchPeers(Matches matches, ReadOnlySpan<byte> topic)
    {
        var peers = _peers.All;
        if (peers.IsEmpty)
        {
            return;
        }

        var visitor = new PeerVisitor(matches);
        _peers.Interests.Match(topic, ref visitor);
        foreach (var peer in peers)
        {
            if (peer.IsUnknown && _options.FreeTopics)
            {
                // It looks itself.
                matches.Add(peer);
                matches.Unknown.Add(peer);
            }
        }
    }

    // Section 4.8.2: each shared subscription gets the message once. The gateway is picked here, the session there.
    private static void TakeTurns(Matches matches, QoS publishedQoS, GatewayId? except)
    {
        foreach (var share in matches.Shares)
        {
            var elsewhere = matches.PeerShares.Find(other => other.Filter == share.Filter);
            if (elsewhere is not null && PickPeer(elsewhere.Members, except, hasMemberHere: true) is { } peer)
            {
                matches.PeerTurns.Add((peer, share.Filter));
            }
            else if (share.Pick() is { } member)
            {
                matches.Add(member, publishedQoS);
            }
        }

        foreach (var share in matches.PeerShares)
        {
            if (!matches.Shares.Exists(here => here.Filter == share.Filter) && PickPeer(share.Members, except, hasMemberHere: false) is { } peer)
            {
                matches.PeerTurns.Add((peer, share.Filter));
            }
        }
    }

    /// <returns>Null when it is this gateway's turn, or nobody is left.</returns>
    private static PeerGateway? PickPeer(ReadOnlySpan<Subscription<PeerGateway, string>> members, GatewayId? except, bool hasMemberHere)
    {
        var turns = hasMemberHere ? 1 : 0;
        PeerGateway? picked = null;
        foreach (var member in members)
        {
            // Each has the same chance: the last of n is taken once in n.
            if (member.Subscriber.Lease.Gateway != except && Random.Shared.Next(++turns) == 0)
            {
                picked = member.Subscriber;
            }
        }

        return picked;
    }

    private static List<string> Serve(Matches matches, RoutedPublish message)
    {
        List<string> unserved = [.. message.Shares];
        foreach (var share in matches.Shares)
        {
            var isAsked = unserved.Contains(share.Filter) || message.ServedElsewhere?.Contains(share.Filter) == false;
            if (isAsked && share.Pick() is { } member)
            {
                matches.Add(member, (QoS)message.QoS);
                unserved.Remove(share.Filter);
            }
        }

        return unserved;
    }

    private Task? SendToPeers(Matches matches, in PublishPacket packet, out bool isFull)
    {
        isFull = false;
        if (matches.Peers.Count == 0 && matches.PeerTurns.Count == 0)
        {
            return null;
        }

        var message = ToRouted(packet);
        List<Task>? accepted = null;
        foreach (var peer in matches.Peers.Union(matches.PeerTurns.Select(static turn => turn.Peer)))
        {
            string[] shares = [.. matches.PeerTurns.Where(turn => turn.Peer == peer).Select(static turn => turn.Share)];
            var copy = shares.Length == 0 ? message : message with { Shares = [.. shares], SharesOnly = !matches.Peers.Contains(peer) };
            if (matches.Unknown.Contains(peer))
            {
                copy = copy with { ServedElsewhere = [.. matches.ShareFilters().Except(shares)] };
            }

            var taken = packet.QoS == QoS.AtMostOnce ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!peer.Outbox.TryAdd(copy, taken))
            {
                _instruments.Dropped(DropReason.PeerFull);
                isFull |= packet.QoS > QoS.AtMostOnce;
            }
            else if (taken is not null)
            {
                (accepted ??= []).Add(taken.Task);
            }
        }

        return accepted is null ? null : Task.WhenAll(accepted);
    }

    private Task? Reroute(RoutedPublish message, IReadOnlyList<string> shares, GatewayId except)
    {
        var matches = t_matches ??= new Matches();
        try
        {
            var visitor = new SessionVisitor(matches, from: null, (QoS)message.QoS);
            _trie.Match(message.Topic.Span, ref visitor);
            MatchPeers(matches, message.Topic.Span);
            matches.ClearSessions();
            matches.Peers.Clear();
            matches.Shares.RemoveAll(share => !shares.Contains(share.Filter));
            matches.PeerShares.RemoveAll(share => !shares.Contains(share.Filter));
            matches.Unknown.Clear();
            TakeTurns(matches, (QoS)message.QoS, except);
            var accepted = SendToPeers(matches, ToPacket(message), out _);
            Deliver(matches, ToPacket(message), ToKept(message));
            return accepted;
        }
        finally
        {
            matches.Clear();
        }
    }

    private static void Deliver(Matches matches, in PublishPacket packet, RoutedMessage? kept)
    {
        foreach (var (session, granted) in matches.Sessions)
        {
            // [MQTT-3.3.1-12] The RETAIN flag is kept only for those who asked for it.
            var retain = packet.Retain && granted.RetainAsPublished;
            if (packet.Retain)
            {
                session.Supersede(packet.Topic);
            }

            if (granted.QoS == QoS.AtMostOnce && session.Peer is { } peer)
            {
                session.PublishEncoded(peer, matches.Encodings.Get(peer.Version, retain, packet));
            }
            else if (granted.QoS > QoS.AtMostOnce)
            {
                session.Publish(kept ??= ToKept(packet), granted.QoS, retain);
            }
        }
    }

    private static RoutedPublish ToRouted(in PublishPacket packet)
    {
        var (topic, properties, payload) = Copy(packet);
        return new RoutedPublish(topic, payload, properties, (int)packet.QoS, packet.Retain, Shares: [], SharesOnly: false, ServedElsewhere: null);
    }

    private static RoutedMessage ToKept(in PublishPacket packet)
    {
        var (topic, properties, payload) = Copy(packet);
        return new RoutedMessage(topic, properties, payload, packet.QoS);
    }

    // One block for all of it: whoever keeps a message keeps all of it.
    private static (ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Properties, ReadOnlyMemory<byte> Payload) Copy(in PublishPacket packet)
    {
        var properties = packet.Properties;
        var topicLength = packet.Topic.Length;
        var propertiesLength = properties.ForwardedSize;
        var block = new byte[topicLength + propertiesLength + packet.Payload.Length];
        packet.Topic.CopyTo(block);
        properties.CopyForwarded(block.AsSpan(topicLength));
        packet.Payload.CopyTo(block.AsSpan(topicLength + propertiesLength));
        return (block.AsMemory(0, topicLength), block.AsMemory(topicLength, propertiesLength), block.AsMemory(topicLength + propertiesLength));
    }

    private static RoutedMessage ToKept(RoutedPublish message) => new(message.Topic, message.Properties, message.Payload, (QoS)message.QoS);

    private static PublishPacket ToPacket(RoutedPublish message)
    {
        // Another gateway has read them before.
        PublishProperties.TryParse(message.Properties.Span, Sender.Client, out var properties, out _);
        return new PublishPacket
        {
            Topic = message.Topic.Span,
            Payload = message.Payload.Span,
            Properties = properties,
            Flags = new PublishFlags((QoS)message.QoS, message.Retain),
        };
    }
}
