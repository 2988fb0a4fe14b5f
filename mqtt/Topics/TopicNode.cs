namespace IotPlatform.Mqtt.Topics;

/// <summary>One level of the topic names in a tree: what follows it, and the value of the name that ends here.</summary>
internal sealed class TopicNode<TValue>(byte[] level)
    where TValue : class
{
    private static readonly List<TopicNode<TValue>> None = [];

    private List<TopicNode<TValue>>? _children;

    public TValue? Value { get; set; }

    /// <summary>What follows, in the order of the levels' bytes.</summary>
    public List<TopicNode<TValue>> Children => _children ?? None;

    /// <summary>Whether nothing follows and no name ends here: the node can go.</summary>
    public bool IsEmpty => _children is null && Value is null;

    /// <summary>[MQTT-4.7.2-1] Whether a filter that starts with a wildcard must not match, this being a first level.</summary>
    public bool IsReserved => TopicName.IsReserved(level);

    /// <summary>False at the depth where the rest of a name is one node.</summary>
    public bool IsOneLevel => !level.AsSpan().Contains(TopicLevels.Separator);

    /// <summary>The place of a level among the children, or of the first one behind it.</summary>
    public int LowerBound(ReadOnlySpan<byte> childLevel, out bool isThere)
    {
        var (low, high) = (0, Children.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = Children[middle].CompareTo(childLevel);
            if (order == 0)
            {
                isThere = true;
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }

        isThere = false;
        return low;
    }

    public TopicNode<TValue> FindOrAdd(ReadOnlySpan<byte> childLevel)
    {
        var index = LowerBound(childLevel, out var isThere);
        if (!isThere)
        {
            (_children ??= []).Insert(index, new TopicNode<TValue>(childLevel.ToArray()));
        }

        return _children![index];
    }

    public void RemoveAt(int index)
    {
        _children!.RemoveAt(index);
        if (_children.Count == 0)
        {
            _children = null;
        }
    }

    private int CompareTo(ReadOnlySpan<byte> other) => level.AsSpan().SequenceCompareTo(other);
}
