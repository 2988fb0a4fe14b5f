namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// Values by topic name, found by topic filter: the counterpart of <see cref="SubscriptionTrie{TSubscriber,TValue}"/>. A tree of levels whose children
/// are in the order of their bytes, so that a search can stop and be taken up again behind the topic it ended with, whatever has come and gone
/// meanwhile. For one thread at a time.
/// </summary>
/// <remarks>
/// A topic name with more levels than a filter may have is not cut any further at that depth: its last level keeps the rest, separators and all. No filter
/// can tell the difference, and a name made of nothing but separators costs no more than another of its length.
/// </remarks>
public sealed class TopicTree<TValue>
    where TValue : class
{
    /// <summary>The most levels that a filter may have here. Walking recurses once a level.</summary>
    public const int LevelsMax = SubscriptionTrie<object, TValue>.LevelsMaxDefault;

    private readonly TopicNode<TValue> _root = new([]);

    /// <summary>How many topic names have a value.</summary>
    public int Count { get; private set; }

    /// <summary>Gives a valid topic name a value, in the place of an earlier one.</summary>
    public void Set(ReadOnlySpan<byte> topic, TValue value)
    {
        var node = _root;
        for (var path = new TopicPath(topic, LevelsMax); path.MoveNext();)
        {
            node = node.FindOrAdd(path.Current);
        }

        Count += node.Value is null ? 1 : 0;
        node.Value = value;
    }

    /// <summary>Takes a topic name's value away, and every level that has become empty by it.</summary>
    /// <returns>False when it had none.</returns>
    public bool Remove(ReadOnlySpan<byte> topic)
    {
        var isRemoved = Remove(_root, new TopicPath(topic, LevelsMax));
        Count -= isRemoved ? 1 : 0;
        return isRemoved;
    }

    /// <summary>Shows the visitor the values of all topic names that a filter matches, level by level in the order of their bytes, until it has enough.</summary>
    /// <param name="filter">A valid topic filter of at most <see cref="LevelsMax"/> levels.</param>
    /// <param name="after">Only what comes behind this topic name, which need not be there; empty for everything.</param>
    /// <param name="visitor">What is shown them.</param>
    /// <returns>Whether it was shown all of them.</returns>
    /// <exception cref="ArgumentException">The filter is not valid, or has too many levels.</exception>
    public bool Match<TVisitor>(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> after, ref TVisitor visitor)
        where TVisitor : struct, ITopicVisitor<TValue>, allows ref struct
    {
        if (!TopicFilter.IsValid(filter, LevelsMax))
        {
            throw new ArgumentException("The topic filter is not valid, or has too many levels.", nameof(filter));
        }

        var bound = after.IsEmpty ? default : new Bound(new TopicPath(after, LevelsMax));
        return Match(_root, new TopicPath(filter, LevelsMax), bound, isFirstLevel: true, ref visitor);
    }

    private static bool Remove(TopicNode<TValue> node, TopicPath path)
    {
        if (!path.MoveNext())
        {
            var had = node.Value is not null;
            node.Value = null;
            return had;
        }

        var index = node.LowerBound(path.Current, out var isThere);
        if (!isThere || !Remove(node.Children[index], path))
        {
            return false;
        }

        if (node.Children[index].IsEmpty)
        {
            node.RemoveAt(index);
        }

        return true;
    }

    private static bool Match<TVisitor>(TopicNode<TValue> node, TopicPath filter, Bound bound, bool isFirstLevel, ref TVisitor visitor)
        where TVisitor : struct, ITopicVisitor<TValue>, allows ref struct
    {
        if (!filter.MoveNext())
        {
            return Show(node, bound, ref visitor);
        }

        if (TopicFilter.IsMultiLevel(filter.Current))
        {
            // Section 4.7.1.2: "sport/#" also matches its parent "sport".
            return Show(node, bound, ref visitor) && ShowBelow(node, bound, isFirstLevel, ref visitor);
        }

        var first = bound.Enter(node, out var onTheWay);
        if (!TopicFilter.IsSingleLevel(filter.Current))
        {
            var index = node.LowerBound(filter.Current, out var isThere);
            return !isThere || index < first || Match(node.Children[index], filter, index == onTheWay ? bound : default, isFirstLevel: false, ref visitor);
        }

        for (var i = first; i < node.Children.Count; i++)
        {
            // [MQTT-4.7.2-1]
            var child = node.Children[i];
            var isHidden = (isFirstLevel && child.IsReserved) || !child.IsOneLevel;
            if (!isHidden && !Match(child, filter, i == onTheWay ? bound : default, isFirstLevel: false, ref visitor))
            {
                return false;
            }
        }

        return true;
    }

    private static bool ShowBelow<TVisitor>(TopicNode<TValue> node, Bound bound, bool isFirstLevel, ref TVisitor visitor)
        where TVisitor : struct, ITopicVisitor<TValue>, allows ref struct
    {
        for (var i = bound.Enter(node, out var onTheWay); i < node.Children.Count; i++)
        {
            // [MQTT-4.7.2-1]
            var child = node.Children[i];
            var childBound = i == onTheWay ? bound : default;
            var isHidden = isFirstLevel && child.IsReserved;
            if (!isHidden && !(Show(child, childBound, ref visitor) && ShowBelow(child, childBound, isFirstLevel: false, ref visitor)))
            {
                return false;
            }
        }

        return true;
    }

    // What lies on the way to the bound comes before it, or is it.
    private static bool Show<TVisitor>(TopicNode<TValue> node, Bound bound, ref TVisitor visitor)
        where TVisitor : struct, ITopicVisitor<TValue>, allows ref struct
        => bound.IsActive || node.Value is not { } value || visitor.OnTopic(value);

    /// <summary>Where a search begins, as seen from a node: active while the node is on the way there.</summary>
    private ref struct Bound(TopicPath path)
    {
        private TopicPath _path = path;

        public bool IsActive { get; } = true;

        /// <summary>Goes down to a node's children: the first that is not wholly before the bound, and the one on the way to it, -1 for none.</summary>
        public int Enter(TopicNode<TValue> node, out int onTheWay)
        {
            onTheWay = -1;
            if (!IsActive || !_path.MoveNext())
            {
                return 0;
            }

            var first = node.LowerBound(_path.Current, out var isThere);
            onTheWay = isThere ? first : -1;
            return first;
        }
    }
}
