using System.Text;

namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// Which subscribers want a topic name: a tree of filter levels. Matching takes no lock and allocates nothing, and may run on any number of
/// threads while subscriptions come and go; changes are made one at a time. A match that runs beside changes sees each subscription that
/// stays in place exactly once, and may or may not see one that is just being added or removed.
/// </summary>
/// <remarks>
/// A filter of the form <c>$share/{name}/{filter}</c> joins the group of that name. A malformed one counts as an ordinary filter, as in MQTT 3.1.1, where
/// the form has no meaning; SUBSCRIBE of MQTT 5.0 has refused it before.
/// </remarks>
/// <typeparam name="TSubscriber">Who subscribes; compared by its own equality.</typeparam>
/// <typeparam name="TValue">What comes with a subscription, for instance its options.</typeparam>
public sealed class SubscriptionTrie<TSubscriber, TValue>
    where TSubscriber : notnull
{
    /// <summary>The depth of filters that a trie accepts unless told otherwise; no deployment seen goes beyond a few dozen levels.</summary>
    public const int LevelsMaxDefault = 128;

    // Matching and removing recurse once a level, some 200 bytes of stack each.
    private const int LevelsMaxMax = 1024;

    private readonly TrieNode<TSubscriber, TValue> _root = TrieNode<TSubscriber, TValue>.Create([]);
    private readonly Lock _writing = new();
    private readonly int _levelsMax;
    private int _filterCount;
    private int _subscriptionCount;

    /// <summary>Makes an empty trie.</summary>
    /// <param name="levelsMax">The most levels a filter may have, 1 to 1,024; a share name does not count.</param>
    public SubscriptionTrie(int levelsMax = LevelsMaxDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levelsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levelsMax, LevelsMaxMax);
        _levelsMax = levelsMax;
    }

    /// <summary>How many different filters have subscribers; the same filter under two share names counts twice.</summary>
    public int FilterCount => Volatile.Read(ref _filterCount);

    /// <summary>How many pairs of filter and subscriber there are.</summary>
    public int SubscriptionCount => Volatile.Read(ref _subscriptionCount);

    /// <summary>Whether <see cref="Add(ReadOnlySpan{byte}, TSubscriber, TValue)"/> takes this filter: it is valid and has no more levels than allowed.</summary>
    public bool Accepts(ReadOnlySpan<byte> filter)
        => TopicFilter.IsValid(SharedSubscription.TryParse(filter, out _, out var topicFilter) ? topicFilter : filter, _levelsMax);

    /// <summary>Adds a subscription, or replaces the value of the one that this subscriber has for this filter.</summary>
    /// <exception cref="ArgumentException">The filter is not one that the trie <see cref="Accepts"/>.</exception>
    public AddOutcome Add(ReadOnlySpan<byte> filter, TSubscriber subscriber, TValue value)
    {
        if (!Accepts(filter))
        {
            throw new ArgumentException("The topic filter is not valid, or has too many levels.", nameof(filter));
        }

        var isShared = SharedSubscription.TryParse(filter, out var shareName, out var topicFilter);
        var subscription = new Subscription<TSubscriber, TValue>(subscriber, value);
        lock (_writing)
        {
            var node = FindOrAdd(isShared ? topicFilter : filter);
            var outcome = isShared ? node.SetShared(shareName, topicFilter, subscription) : node.Set(subscription);
            _filterCount += outcome == AddOutcome.AddedFirst ? 1 : 0;
            _subscriptionCount += outcome == AddOutcome.Replaced ? 0 : 1;
            return outcome;
        }
    }

    /// <summary>Adds a subscription to a filter given as a string.</summary>
    /// <exception cref="ArgumentException">The filter is not one that the trie <see cref="Accepts"/>.</exception>
    public AddOutcome Add(string filter, TSubscriber subscriber, TValue value) => Add(Encoding.UTF8.GetBytes(filter), subscriber, value);

    /// <summary>Removes a subscription, and every level that has become empty by it.</summary>
    public RemoveOutcome Remove(ReadOnlySpan<byte> filter, TSubscriber subscriber)
    {
        var isShared = SharedSubscription.TryParse(filter, out var shareName, out var topicFilter);
        lock (_writing)
        {
            var outcome = Remove(_root, isShared ? topicFilter : filter, shareName, subscriber, isShared);
            _filterCount -= outcome == RemoveOutcome.RemovedLast ? 1 : 0;
            _subscriptionCount -= outcome == RemoveOutcome.NotFound ? 0 : 1;
            return outcome;
        }
    }

    /// <summary>Removes a subscription to a filter given as a string.</summary>
    public RemoveOutcome Remove(string filter, TSubscriber subscriber) => Remove(Encoding.UTF8.GetBytes(filter), subscriber);

    /// <summary>Shows every subscription and every share group that matches a valid topic name to the visitor.</summary>
    public void Match<TVisitor>(ReadOnlySpan<byte> topic, ref TVisitor visitor)
        where TVisitor : struct, ITrieVisitor<TSubscriber, TValue>, allows ref struct
    {
        if (!TopicName.IsReserved(topic))
        {
            MatchChildren(_root, topic, ref visitor);
            return;
        }

        // [MQTT-4.7.2-1] A filter that starts with a wildcard does not match a topic that starts with '$'.
        var goesOn = TopicLevels.Split(topic, out var level, out var rest);
        MatchChild(_root.FindLiteral(level), goesOn, rest, ref visitor);
    }

    private static void MatchChildren<TVisitor>(TrieNode<TSubscriber, TValue> node, ReadOnlySpan<byte> topic, ref TVisitor visitor)
        where TVisitor : struct, ITrieVisitor<TSubscriber, TValue>, allows ref struct
    {
        node.MultiLevel?.Visit(ref visitor);
        var goesOn = TopicLevels.Split(topic, out var level, out var rest);
        MatchChild(node.FindLiteral(level), goesOn, rest, ref visitor);
        MatchChild(node.SingleLevel, goesOn, rest, ref visitor);
    }

    private static void MatchChild<TVisitor>(TrieNode<TSubscriber, TValue>? child, bool goesOn, ReadOnlySpan<byte> rest, ref TVisitor visitor)
        where TVisitor : struct, ITrieVisitor<TSubscriber, TValue>, allows ref struct
    {
        if (child is null)
        {
            return;
        }

        if (goesOn)
        {
            MatchChildren(child, rest, ref visitor);
            return;
        }

        // Section 4.7.1.2: "sport/#" also matches its parent "sport".
        child.Visit(ref visitor);
        child.MultiLevel?.Visit(ref visitor);
    }

    private static RemoveOutcome Remove(
        TrieNode<TSubscriber, TValue> node, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> shareName, TSubscriber subscriber, bool isShared)
    {
        var goesOn = TopicLevels.Split(filter, out var level, out var rest);
        if (node.Find(level) is not { } child)
        {
            return RemoveOutcome.NotFound;
        }

        var outcome = goesOn ? Remove(child, rest, shareName, subscriber, isShared)
            : isShared ? child.RemoveShared(shareName, subscriber)
            : child.Remove(subscriber);
        if (outcome == RemoveOutcome.RemovedLast && child.IsEmpty)
        {
            node.Detach(child);
        }

        return outcome;
    }

    private TrieNode<TSubscriber, TValue> FindOrAdd(ReadOnlySpan<byte> filter)
    {
        var node = _root;
        for (var goesOn = true; goesOn;)
        {
            goesOn = TopicLevels.Split(filter, out var level, out filter);
            node = node.FindOrAdd(level);
        }

        return node;
    }
}
