using System.Collections.Immutable;
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
using IotPlatform.Sessions.Kept;
using IotPlatform.Topics;
using Microsoft.Extensions.Options;

namespace IotPlatform.Routing;

/// <summary>Carries what clients publish to the sessions that are subscribed to it: those of this gateway, and through their gateways those of others.</summary>
internal sealed class Router
{
    private readonly SubscriptionTrie<Session, SubscriptionTerms> _trie = new();
    private readonly Lock _changing = new();
    private readonly InterestLog _interests;
    private readonly PeerGateways _peers;
    private readonly SessionShardSet _shards;
    private readonly TimeProvider _time;
    private readonly GatewayInstruments _instruments;
    private readonly GatewayOptions _options;
    private readonly ShareTurns _turns;

    /// <summary>Null while it is in use: what is called on the way may publish in turn, on the same thread.</summary>
    [ThreadStatic]
    private static Matches? t_matches;

    public Router(
        InterestLog interests, PeerGateways peers, SessionShardSet shards, IOptions<GatewayOptions> options, GatewayInstruments instruments, TimeProvider time)
    {
        _interests = interests;
        _peers = peers;
        _shards = shards;
        _time = time;
        _options = options.Value;
        _turns = new ShareTurns(_options.SharedSubscriptions, new GatewayId(_options.GatewayId));
        _instruments = instruments;
        peers.Reroute = (message, shares, except) => Reroute(message, shares, except);
    }

    public int FilterCount => _trie.FilterCount;

    /// <summary>Completes when everything that has been subscribed to by now is in effect at every gateway.</summary>
    public Task WhenEffective() => _interests.WhenEffective();

    /// <summary>
    /// Whether other gateways are to know of a filter. A device's own branch is not for others, who could not all know those of all devices: what somebody else is
    /// permitted to publish there goes to every gateway. Broadcasts have a tree of their own.
    /// </summary>
    /// <param name="session">Whose subscription it is.</param>
    /// <param name="filter">Its filter.</param>
    public bool MayConcernOthers(Session session, ReadOnlySpan<byte> filter)
    {
        var plain = SharedSubscription.TryParse(filter, out _, out var shared) ? shared : filter;
        return !plain.StartsWith(Branches.System) && !plain.StartsWith(Branches.Broadcasts) && (_options.FreeTopics || !Branches.IsOwn(session.Device, plain));
    }

    /// <returns>False when this gateway has as many filters as it may have.</returns>
    public bool TrySubscribe(Session session, byte[] filter, in SubscriptionTerms terms)
    {
        if (!MayConcernOthers(session, filter))
        {
            _trie.Add(filter, session, terms);
            return true;
        }

        lock (_changing)
        {
            if (!_interests.TryAdd(Encoding.UTF8.GetString(filter), _options.FiltersMax))
            {
                return false;
            }

            _trie.Add(filter, session, terms);
            return true;
        }
    }

    public void Unsubscribe(Session session, byte[] filter)
    {
        if (!MayConcernOthers(session, filter))
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

    /// <summary>
    /// Sends a publish on. QoS 0 costs an encoding a version and no memory; above that the message is kept once for all its receivers. What is for sessions that are
    /// kept goes to their shards, at QoS 1 and 2.
    /// </summary>
    /// <param name="from">Who published it; null for the server itself.</param>
    /// <param name="packet">What was published; its memory is the caller's.</param>
    /// <param name="publishId">What all copies of a QoS 2 message are known by; 0 where there are no others.</param>
    /// <param name="expiry">When it ends, where that is not what its properties say.</param>
    public PublishOutcome Publish(Session? from, in PublishPacket packet, long publishId = 0, Expiry? expiry = null)
    {
        var matches = Take();
        try
        {
            var visitor = new SessionVisitor(matches, from, packet.QoS);
            _trie.Match(packet.Topic, ref visitor);
            MatchPeers(matches, packet.Topic, from);
            MatchShards(matches, packet);
            _turns.Take(matches, packet.Topic, packet.QoS, except: null);
            if (matches.IsEmpty)
            {
                return new PublishOutcome(ReasonCode.NoMatchingSubscribers, null);
            }

            if (packet.QoS > QoS.AtMostOnce)
            {
                expiry ??= Expiry.In(packet.Properties.MessageExpiryInterval, _time);
            }

            var waiting = default(List<Task<bool>>);
            if (!TrySendToPeers(matches, packet, publishId, expiry, ref waiting))
            {
                return new PublishOutcome(ReasonCode.QuotaExceeded, null);
            }

            SendToShards(matches, packet, from, publishId, expiry, ref waiting);
            Deliver(matches, packet, kept: null, publishId, expiry, ref waiting);
            return new PublishOutcome(ReasonCode.Success, waiting is null ? null : AllAsync(waiting));
        }
        finally
        {
            Return(matches);
        }
    }

    /// <summary>Takes a publish from another gateway, for the sessions of this one.</summary>
    /// <param name="message">The publish.</param>
    /// <param name="unserved">The shared subscriptions that have no member here any more.</param>
    /// <returns>Completes when sessions that are kept have it, where they take the turn of a shared subscription; with false when one has not. Null: none does.</returns>
    public Task<bool>? Receive(RoutedPublish message, out IReadOnlyList<string> unserved)
    {
        var matches = Take();
        try
        {
            var visitor = new SessionVisitor(matches, from: null, (QoS)message.QoS);
            _trie.Match(message.Topic.Span, ref visitor);
            if (message.SharesOnly)
            {
                matches.ClearSessions();
            }

            unserved = Serve(matches, message);
            var expiry = Expiry.Of(message.ExpiresAt, _time);
            var waiting = default(List<Task<bool>>);
            Deliver(matches, ToPacket(message), ToKept(message, expiry), message.PublishId, expiry, ref waiting);
            return waiting is null ? null : AllAsync(waiting);
        }
        finally
        {
            Return(matches);
        }
    }

    /// <summary>Gives a message to another member of a shared subscription: the one that had it is gone.</summary>
    public void Redistribute(RoutedMessage message, string share) => _ = Redistribute(new RoutedPublish(
        message.Topic, message.Payload, message.Properties, (int)message.QoS, Retain: false, [share], SharesOnly: true, ServedElsewhere: null,
        message.Expiry?.At, PublishId: 0));

    /// <summary>Gives a message to one member each of its shared subscriptions.</summary>
    /// <returns>Completes when they have it, with false when one has not; null: none is to be waited for, or there is none.</returns>
    public Task<bool>? Redistribute(RoutedPublish message) => Reroute(message, message.Shares, except: null);

    private static Matches Take()
    {
        var matches = t_matches ?? new Matches();
        t_matches = null;
        return matches;
    }

    private static void Return(Matches matches)
    {
        matches.Clear();
        t_matches = matches;
    }

    private static async Task<bool> AllAsync(List<Task<bool>> waiting)
    {
        var isTaken = true;
        foreach (var task in waiting)
        {
            isTaken &= await task.ConfigureAwait(false);
        }

        return isTaken;
    }

    // At QoS 0 nothing is kept.
    private void MatchShards(Matches matches, in PublishPacket packet)
    {
        if (packet.QoS == QoS.AtMostOnce)
        {
            return;
        }

        // First: one that becomes known meanwhile is so with filters that the look at them may have missed.
        foreach (var shard in _shards.All)
        {
            if (shard.IsUnknown)
            {
                // It looks itself.
                matches.Add(shard);
                matches.UnknownShards.Add(shard);
            }
        }

        var visitor = new SessionShardVisitor(matches);
        _shards.Interests.Match(packet.Topic, ref visitor);
    }

    private void MatchPeers(Matches matches, ReadOnlySpan<byte> topic, Session? from)
    {
        var peers = _peers.All;
        if (peers.IsEmpty)
        {
            return;
        }

        // First: one that becomes known meanwhile is so with filters that the look at them may have missed.
        var isUnknownToAll = !_options.FreeTopics && IsInAnothersBranch(topic, from);
        foreach (var peer in peers)
        {
            if (peer.IsUnknown || isUnknownToAll)
            {
                // It looks itself.
                matches.Add(peer);
                matches.Unknown.Add(peer);
            }
        }

        var visitor = new PeerVisitor(matches);
        _peers.Interests.Match(topic, ref visitor);
    }

    // What is no device's branch at all looks like one, and goes out all the same.
    private static bool IsInAnothersBranch(ReadOnlySpan<byte> topic, Session? from) =>
        topic[0] == (byte)'/' && !topic.StartsWith(Branches.System) && !(from is not null && Branches.IsOwn(from.Device, topic));

    private List<string> Serve(Matches matches, RoutedPublish message)
    {
        List<string> unserved = [.. message.Shares];
        foreach (var share in matches.Shares)
        {
            var isAsked = unserved.Contains(share.Filter) || message.ServedElsewhere?.Contains(share.Filter) == false;
            if (isAsked && _turns.Pick(share, message.Topic.Span) is { } member)
            {
                matches.AddTurn(member, share.Filter, (QoS)message.QoS);
                unserved.Remove(share.Filter);
            }
        }

        return unserved;
    }

    /// <returns>False when there is no room for it at one of them.</returns>
    private bool TrySendToPeers(Matches matches, in PublishPacket packet, long publishId, Expiry? expiry, ref List<Task<bool>>? waiting)
    {
        if (matches.Peers.Count == 0 && matches.PeerTurns.Count == 0)
        {
            return true;
        }

        var hasRoom = true;
        var message = ToRouted(packet, publishId, expiry);
        foreach (var peer in matches.Peers.Union(matches.PeerTurns.Select(static turn => turn.Peer)))
        {
            string[] shares = [.. matches.PeerTurns.Where(turn => turn.Peer == peer).Select(static turn => turn.Share)];
            var copy = shares.Length == 0 ? message : message with { Shares = [.. shares], SharesOnly = !matches.Peers.Contains(peer) };
            if (matches.Unknown.Contains(peer))
            {
                copy = copy with { ServedElsewhere = [.. matches.ShareFilters().Except(shares)] };
            }

            var taken = packet.QoS == QoS.AtMostOnce ? null : new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!peer.Outbox.TryAdd(copy, taken))
            {
                _instruments.Dropped(DropReason.PeerFull);
                hasRoom &= packet.QoS == QoS.AtMostOnce;
            }
            else if (taken is not null)
            {
                (waiting ??= []).Add(taken.Task);
            }
        }

        return hasRoom;
    }

    private void SendToShards(Matches matches, in PublishPacket packet, Session? from, long publishId, Expiry? expiry, ref List<Task<bool>>? waiting)
    {
        if (matches.Shards.Count == 0 && matches.ShardTurns.Count == 0)
        {
            return;
        }

        var (topic, properties, payload) = Copy(packet);
        var message = new SessionMessage(topic, payload, properties, (int)packet.QoS, packet.Retain, publishId, expiry?.At);
        foreach (var shard in matches.Shards)
        {
            ImmutableArray<string>? servedElsewhere = matches.UnknownShards.Contains(shard) ? [.. matches.ShareFilters()] : null;
            var publish = new SessionPublish(message, from?.Device, Shares: [], IsSharesOnly: false, servedElsewhere, To: null, IsSticky: false);
            (waiting ??= []).Add(IsTakenAsync(shard.PublishAsync(publish)));
        }

        foreach (var (shard, share) in matches.ShardTurns)
        {
            var publish = new SessionPublish(message, from?.Device, [share], IsSharesOnly: true, ServedElsewhere: null, To: null, _turns.IsSticky(share));
            (waiting ??= []).Add(IsServedAsync(shard.PublishAsync(publish), message, share));
        }
    }

    private static async Task<bool> IsTakenAsync(Task<SessionPublishOutcome> publish) => await publish.ConfigureAwait(false) != SessionPublishOutcome.Failed;

    // The member that there was has connected meanwhile, or is gone: another one is to have it.
    private async Task<bool> IsServedAsync(Task<SessionPublishOutcome> publish, SessionMessage message, string share)
    {
        var outcome = await publish.ConfigureAwait(false);
        if (outcome != SessionPublishOutcome.Unserved)
        {
            return outcome == SessionPublishOutcome.Done;
        }

        var routed = new RoutedPublish(
            message.Topic, message.Payload, message.Properties, message.QoS, message.IsRetain, [share], SharesOnly: true, ServedElsewhere: null, message.ExpiresAt,
            message.PublishId);
        return Reroute(routed, [share], except: null, isAgain: true) is not { } rerouted || await rerouted.ConfigureAwait(false);
    }

    private Task<bool>? Reroute(RoutedPublish message, IReadOnlyList<string> shares, GatewayId? except, bool isAgain = false)
    {
        var matches = Take();
        try
        {
            var packet = ToPacket(message);
            var visitor = new SessionVisitor(matches, from: null, (QoS)message.QoS);
            _trie.Match(message.Topic.Span, ref visitor);
            MatchPeers(matches, message.Topic.Span, from: null);
            MatchShards(matches, packet);
            matches.ClearSessions();
            matches.Peers.Clear();
            matches.Shards.Clear();
            matches.Shares.RemoveAll(share => !shares.Contains(share.Filter));
            matches.PeerShares.RemoveAll(share => !shares.Contains(share.Filter));
            matches.ShardShares.RemoveAll(share => isAgain || !shares.Contains(share.Filter));
            matches.Unknown.Clear();
            _turns.Take(matches, message.Topic.Span, (QoS)message.QoS, except);
            var expiry = Expiry.Of(message.ExpiresAt, _time);
            var waiting = default(List<Task<bool>>);
            TrySendToPeers(matches, packet, message.PublishId, expiry, ref waiting);
            SendToShards(matches, packet, from: null, message.PublishId, expiry, ref waiting);
            Deliver(matches, packet, ToKept(message, expiry), message.PublishId, expiry, ref waiting);
            return waiting is null ? null : AllAsync(waiting);
        }
        finally
        {
            Return(matches);
        }
    }

    private void Deliver(Matches matches, in PublishPacket packet, RoutedMessage? kept, long publishId, Expiry? expiry, ref List<Task<bool>>? waiting)
    {
        foreach (var receiver in matches.Receivers)
        {
            var session = receiver.Session;
            if (packet.Retain)
            {
                session.Supersede(packet.Topic);
            }

            // [MQTT-3.3.1-12] The RETAIN flag is kept only for those who asked for it.
            var copy = receiver.ToCopy(packet.Retain);
            if (copy.QoS == QoS.AtMostOnce)
            {
                DeliverAtMostOnce(matches, session, copy, packet, ref kept, expiry);
            }
            else if (session.Kept is null)
            {
                session.Publish(kept ??= ToKept(packet, expiry), copy);
            }
            else if (copy.Share is not null)
            {
                // By its own subscriptions it gets it from its shard.
                (waiting ??= []).Add(IsTakenAsync(session.Kept.AppendAsync(kept ??= ToKept(packet, expiry), copy, publishId)));
            }
        }
    }

    private void DeliverAtMostOnce(Matches matches, Session session, in MessageCopy copy, in PublishPacket packet, ref RoutedMessage? kept, Expiry? expiry)
    {
        if (session.Peer is not { } peer)
        {
            session.Drop(DropReason.Offline, packet.Topic);
        }
        else if (copy.Identifiers.IsEmpty && peer.Aliases is null)
        {
            session.PublishEncoded(peer, packet.Topic, matches.Encodings.Get(peer.Version, copy.Retain, packet, LeftOf(packet, expiry)));
        }
        else
        {
            session.Publish(kept ??= ToKept(packet, expiry ?? Expiry.In(packet.Properties.MessageExpiryInterval, _time)), copy);
        }
    }

    private static TimeSpan? LeftOf(in PublishPacket packet, Expiry? expiry) =>
        expiry is not null ? expiry.Left : packet.Properties.MessageExpiryInterval is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static RoutedPublish ToRouted(in PublishPacket packet, long publishId, Expiry? expiry)
    {
        var (topic, properties, payload) = Copy(packet);
        var expiresAt = expiry?.At;
        return new RoutedPublish(
            topic, payload, properties, (int)packet.QoS, packet.Retain, Shares: [], SharesOnly: false, ServedElsewhere: null, expiresAt, publishId);
    }

    private static RoutedMessage ToKept(in PublishPacket packet, Expiry? expiry)
    {
        var (topic, properties, payload) = Copy(packet);
        return new RoutedMessage(topic, properties, payload, packet.QoS, expiry);
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

    private static RoutedMessage ToKept(RoutedPublish message, Expiry? expiry) =>
        new(message.Topic, message.Properties, message.Payload, (QoS)message.QoS, expiry);

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
