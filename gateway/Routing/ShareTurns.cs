using System.Text;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;
using IotPlatform.Sessions.Kept;

namespace IotPlatform.Routing;

/// <summary>
/// Whose turn it is in the shared subscriptions (section 4.8.2) that match a publish: each gets the message once. The gateway is chosen where it was published, the
/// session where that is connected. Sessions without a connection get it where no other member has one.
/// </summary>
internal sealed class ShareTurns(SharedSubscriptionOptions options, GatewayId self)
{
    private readonly (byte[] Name, ShareChoice Choice)[] _groups = [.. options.Groups.Select(static group => (Encoding.UTF8.GetBytes(group.Key), group.Value))];
    private readonly int _self = StableHash.Of(self.Value, bits: 32);

    /// <summary>Decides all turns.</summary>
    /// <param name="matches">Whom the publish matches.</param>
    /// <param name="topic">What it was published to.</param>
    /// <param name="publishedQoS">At which QoS.</param>
    /// <param name="except">A gateway that is not to get it again.</param>
    public void Take(Matches matches, ReadOnlySpan<byte> topic, QoS publishedQoS, GatewayId? except)
    {
        foreach (var share in matches.Shares)
        {
            var elsewhere = matches.PeerShares.Find(other => other.Filter == share.Filter);
            if (elsewhere is not null && Pick(elsewhere, topic, except, hasMemberHere: true) is { } peer)
            {
                matches.PeerTurns.Add((peer, share.Filter));
            }
            else if (Pick(share, topic) is { } member)
            {
                matches.AddTurn(member, share.Filter, publishedQoS);
            }
        }

        foreach (var share in matches.PeerShares)
        {
            if (!matches.Shares.Exists(here => here.Filter == share.Filter) && Pick(share, topic, except, hasMemberHere: false) is { } peer)
            {
                matches.PeerTurns.Add((peer, share.Filter));
            }
        }

        foreach (var share in matches.ShardShares)
        {
            var isServed = matches.Receivers.Exists(receiver => receiver.Share == share.Filter) || matches.PeerTurns.Exists(turn => turn.Share == share.Filter);
            if (!isServed && Pick(share, topic) is { } shard)
            {
                matches.ShardTurns.Add((shard, share.Filter));
            }
        }
    }

    /// <summary>A session of this gateway. One that is just going is passed over where another is there.</summary>
    public Subscription<Session, SubscriptionTerms>? Pick(ShareGroup<Session, SubscriptionTerms> share, ReadOnlySpan<byte> topic)
    {
        if (IsSticky(share.NameBytes))
        {
            var key = StableHash.Of(topic, bits: 32);
            return Rendezvous.Claimant(key, share.Members, HashOf, static member => member.Subscriber.Peer is not null)
                ?? Rendezvous.Claimant(key, share.Members, HashOf);
        }

        var picked = share.Pick();
        for (var i = share.Members.Length; i > 1 && picked?.Subscriber.Peer is null; i--)
        {
            picked = share.Pick();
        }

        return picked;
    }

    /// <summary>Whether all messages of one topic go to the same member of a group.</summary>
    /// <param name="share">The whole filter of the shared subscription.</param>
    public bool IsSticky(string share) => SharedSubscription.TryParse(Encoding.UTF8.GetBytes(share), out var name, out _) && IsSticky(name);

    /// <returns>Null when it is this gateway's turn, or nobody is left.</returns>
    private PeerGateway? Pick(ShareGroup<PeerGateway, string> share, ReadOnlySpan<byte> topic, GatewayId? except, bool hasMemberHere)
    {
        if (IsSticky(share.NameBytes))
        {
            var key = StableHash.Of(topic, bits: 32);
            var claimant = Rendezvous.Claimant(
                key, share.Members, static member => member.Subscriber.Hash, member => member.Subscriber.Lease.Gateway != except)?.Subscriber;
            return claimant is null || (hasMemberHere && Rendezvous.Score(key, _self) > Rendezvous.Score(key, claimant.Hash)) ? null : claimant;
        }

        var turns = hasMemberHere ? 1 : 0;
        PeerGateway? picked = null;
        foreach (var member in share.Members)
        {
            // Each has the same chance: the last of n is taken once in n.
            if (member.Subscriber.Lease.Gateway != except && Random.Shared.Next(++turns) == 0)
            {
                picked = member.Subscriber;
            }
        }

        return picked;
    }

    private SessionShard? Pick(ShareGroup<SessionShard, string> share, ReadOnlySpan<byte> topic) =>
        (IsSticky(share.NameBytes)
            ? Rendezvous.Claimant(StableHash.Of(topic, bits: 32), share.Members, static member => member.Subscriber.Number)
            : share.Pick())?.Subscriber;

    private static int HashOf(Subscription<Session, SubscriptionTerms> member) => StableHash.Of(member.Subscriber.DeviceName, bits: 32);

    private bool IsSticky(ReadOnlySpan<byte> shareName)
    {
        foreach (var (name, choice) in _groups)
        {
            if (shareName.SequenceEqual(name))
            {
                return choice == ShareChoice.Sticky;
            }
        }

        return options.Choice == ShareChoice.Sticky;
    }
}
