using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Topics;

namespace IotPlatform.Sessions;

/// <summary>
/// Which sessions of a shard want a topic, and what gateways are to know of that: filters at QoS 1 and 2, and the shared ones of sessions without a
/// connection. QoS 0, and what a session with a connection shares, is its gateway's matter.
/// </summary>
internal sealed class SessionIndex(int filtersMax, TimeProvider time)
{
    private readonly SubscriptionTrie<StoredSession, QoS> _trie = new();

    /// <summary>What gateways are told.</summary>
    public InterestLog Interests { get; } = new(time);

    /// <returns>False when there are as many filters as there may be.</returns>
    public bool TryAdd(StoredSession session, SessionSubscription subscription)
    {
        if (!IsWanted(session, subscription))
        {
            Remove(session, subscription.Filter);
            return true;
        }

        if (!Interests.TryAdd(subscription.Filter, filtersMax))
        {
            return false;
        }

        _trie.Add(subscription.Filter, session, StoredSession.TermsOf(subscription).Options.QoS);
        return true;
    }

    public void Remove(StoredSession session, string filter)
    {
        if (_trie.Remove(filter, session) == RemoveOutcome.RemovedLast)
        {
            Interests.Remove(filter);
        }
    }

    /// <summary>All of a session's filters, as its connection has come or gone.</summary>
    public void Refresh(StoredSession session)
    {
        foreach (var subscription in session.Subscriptions)
        {
            TryAdd(session, subscription);
        }
    }

    public void RemoveAll(StoredSession session)
    {
        foreach (var subscription in session.Subscriptions)
        {
            Remove(session, subscription.Filter);
        }
    }

    /// <summary>The sessions that are subscribed to a topic, each once, and the shared subscriptions that have members here.</summary>
    public void Match(ReadOnlySpan<byte> topic, SessionMatches matches)
    {
        matches.Clear();
        var visitor = new Visitor(matches);
        _trie.Match(topic, ref visitor);
    }

    private static bool IsWanted(StoredSession session, SessionSubscription subscription) =>
        SharedSubscription.TryParse(Encoding.UTF8.GetBytes(subscription.Filter), out _, out _)
            ? session.Connection is null
            : StoredSession.TermsOf(subscription).Options.QoS > QoS.AtMostOnce;

    private readonly struct Visitor(SessionMatches matches) : ITrieVisitor<StoredSession, QoS>
    {
        public void OnSubscription(Subscription<StoredSession, QoS> subscription) => matches.Add(subscription.Subscriber);

        public void OnShareGroup(ShareGroup<StoredSession, QoS> group) => matches.Shares.Add(group);
    }
}
