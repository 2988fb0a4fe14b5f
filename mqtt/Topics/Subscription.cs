namespace IotPlatform.Mqtt.Topics;

/// <summary>One subscriber's entry for one filter; immutable, so that readers may see it at any time.</summary>
public sealed class Subscription<TSubscriber, TValue> : ISlotItem<Subscription<TSubscriber, TValue>>
    where TSubscriber : notnull
{
    private static readonly Subscription<TSubscriber, TValue> RemovedMark = new(default!, default!);

    internal Subscription(TSubscriber subscriber, TValue value)
    {
        Subscriber = subscriber;
        Value = value;
    }

    /// <summary>Who subscribes.</summary>
    public TSubscriber Subscriber { get; }

    /// <summary>What came with the subscription: its options, its identifier.</summary>
    public TValue Value { get; }

    static Subscription<TSubscriber, TValue> ISlotItem<Subscription<TSubscriber, TValue>>.Removed => RemovedMark;

    int ISlotItem<Subscription<TSubscriber, TValue>>.Hash => HashOf(Subscriber);

    /// <summary>Spreads the subscriber's own hash, which may differ in high bits only (Fibonacci hashing).</summary>
    internal static int HashOf(TSubscriber subscriber)
    {
        var hash = (uint)subscriber.GetHashCode() * 2654435769u;
        return (int)(hash ^ (hash >> 16));
    }

    /// <summary>Whether this is the entry of that subscriber, and not the mark of a removed one.</summary>
    internal bool IsOf(TSubscriber subscriber)
        => !ReferenceEquals(this, RemovedMark) && EqualityComparer<TSubscriber>.Default.Equals(Subscriber, subscriber);
}
