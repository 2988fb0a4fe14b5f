namespace IotPlatform.Mqtt.Topics;

/// <summary>One level of the filters in a trie: what follows it, and who subscribes to the filter that ends here.</summary>
internal sealed class TrieNode<TSubscriber, TValue> : ISlotItem<TrieNode<TSubscriber, TValue>>
    where TSubscriber : notnull
{
    private static readonly TrieNode<TSubscriber, TValue> RemovedMark = new([], 0);

    private readonly byte[] _level;
    private readonly int _hash;
    private SlotSet<TrieNode<TSubscriber, TValue>> _children;
    private SlotSet<Subscription<TSubscriber, TValue>> _subscriptions;
    private TrieNode<TSubscriber, TValue>? _singleLevel;
    private TrieNode<TSubscriber, TValue>? _multiLevel;
    private ShareGroup<TSubscriber, TValue>[]? _groups;

    private TrieNode(byte[] level, int hash)
    {
        _level = level;
        _hash = hash;
    }

    static TrieNode<TSubscriber, TValue> ISlotItem<TrieNode<TSubscriber, TValue>>.Removed => RemovedMark;

    int ISlotItem<TrieNode<TSubscriber, TValue>>.Hash => _hash;

    /// <summary>The child for '+', or null.</summary>
    public TrieNode<TSubscriber, TValue>? SingleLevel => Volatile.Read(ref _singleLevel);

    /// <summary>The child for '#', or null.</summary>
    public TrieNode<TSubscriber, TValue>? MultiLevel => Volatile.Read(ref _multiLevel);

    /// <summary>Whether nothing follows and nobody subscribes: the node can go.</summary>
    public bool IsEmpty => _children.IsEmpty && _subscriptions.IsEmpty && _singleLevel is null && _multiLevel is null && _groups is null;

    public static TrieNode<TSubscriber, TValue> Create(ReadOnlySpan<byte> level) => new(level.ToArray(), LevelHash.Of(level));

    /// <summary>The child for a level of a topic name, or null.</summary>
    public TrieNode<TSubscriber, TValue>? FindLiteral(ReadOnlySpan<byte> level)
    {
        if (_children.IsEmpty)
        {
            return null;
        }

        var hash = LevelHash.Of(level);
        foreach (var child in _children.Probe(hash))
        {
            if (child._hash == hash && !ReferenceEquals(child, RemovedMark) && level.SequenceEqual(child._level))
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The child for a level of a filter, or null.</summary>
    public TrieNode<TSubscriber, TValue>? Find(ReadOnlySpan<byte> level)
        => TopicFilter.IsSingleLevel(level) ? _singleLevel : TopicFilter.IsMultiLevel(level) ? _multiLevel : FindLiteral(level);

    /// <summary>Shows everybody who subscribes here to the visitor.</summary>
    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ITrieVisitor<TSubscriber, TValue>, allows ref struct
    {
        foreach (var subscription in _subscriptions)
        {
            visitor.OnSubscription(subscription);
        }

        if (Volatile.Read(ref _groups) is { } groups)
        {
            foreach (var group in groups)
            {
                visitor.OnShareGroup(group);
            }
        }
    }

    public TrieNode<TSubscriber, TValue> FindOrAdd(ReadOnlySpan<byte> level)
    {
        if (Find(level) is { } existing)
        {
            return existing;
        }

        var child = Create(level);
        if (TopicFilter.IsSingleLevel(level))
        {
            Volatile.Write(ref _singleLevel, child);
        }
        else if (TopicFilter.IsMultiLevel(level))
        {
            Volatile.Write(ref _multiLevel, child);
        }
        else
        {
            _children.Add(child);
        }

        return child;
    }

    public void Detach(TrieNode<TSubscriber, TValue> child)
    {
        if (ReferenceEquals(child, _singleLevel))
        {
            Volatile.Write(ref _singleLevel, null);
        }
        else if (ReferenceEquals(child, _multiLevel))
        {
            Volatile.Write(ref _multiLevel, null);
        }
        else
        {
            _children.Remove(child);
        }
    }

    public AddOutcome Set(Subscription<TSubscriber, TValue> subscription)
    {
        if (FindSubscription(subscription.Subscriber) is { } existing)
        {
            _subscriptions.Replace(existing, subscription);
            return AddOutcome.Replaced;
        }

        var isFirst = _subscriptions.IsEmpty;
        _subscriptions.Add(subscription);
        return isFirst ? AddOutcome.AddedFirst : AddOutcome.Added;
    }

    public RemoveOutcome Remove(TSubscriber subscriber)
    {
        if (FindSubscription(subscriber) is not { } existing)
        {
            return RemoveOutcome.NotFound;
        }

        _subscriptions.Remove(existing);
        return _subscriptions.IsEmpty ? RemoveOutcome.RemovedLast : RemoveOutcome.Removed;
    }

    public AddOutcome SetShared(ReadOnlySpan<byte> shareName, ReadOnlySpan<byte> topicFilter, Subscription<TSubscriber, TValue> member)
    {
        if (FindGroup(shareName) is { } existing)
        {
            return existing.Set(member) ? AddOutcome.Added : AddOutcome.Replaced;
        }

        // The group is complete before readers can see it.
        var group = new ShareGroup<TSubscriber, TValue>(shareName, topicFilter);
        group.Set(member);
        Volatile.Write(ref _groups, [.. _groups ?? [], group]);
        return AddOutcome.AddedFirst;
    }

    public RemoveOutcome RemoveShared(ReadOnlySpan<byte> shareName, TSubscriber subscriber)
    {
        if (FindGroup(shareName) is not { } group || !group.Remove(subscriber))
        {
            return RemoveOutcome.NotFound;
        }

        if (!group.Members.IsEmpty)
        {
            return RemoveOutcome.Removed;
        }

        Volatile.Write(ref _groups, _groups!.Length == 1 ? null : Array.FindAll(_groups, other => !ReferenceEquals(other, group)));
        return RemoveOutcome.RemovedLast;
    }

    private Subscription<TSubscriber, TValue>? FindSubscription(TSubscriber subscriber)
    {
        foreach (var candidate in _subscriptions.Probe(Subscription<TSubscriber, TValue>.HashOf(subscriber)))
        {
            if (candidate.IsOf(subscriber))
            {
                return candidate;
            }
        }

        return null;
    }

    private ShareGroup<TSubscriber, TValue>? FindGroup(ReadOnlySpan<byte> shareName)
    {
        foreach (var group in _groups ?? [])
        {
            if (shareName.SequenceEqual(group.NameBytes))
            {
                return group;
            }
        }

        return null;
    }
}
