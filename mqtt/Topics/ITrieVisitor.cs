namespace IotPlatform.Mqtt.Topics;

/// <summary>Receives what a topic name matches. A struct, so that matching allocates nothing and its calls can be inlined.</summary>
public interface ITrieVisitor<TSubscriber, TValue>
    where TSubscriber : notnull
{
    /// <summary>Called for each matching subscription. A subscriber with several matching filters is seen once for each.</summary>
    void OnSubscription(Subscription<TSubscriber, TValue> subscription);

    /// <summary>Called for each matching shared subscription, once for each pair of share name and filter.</summary>
    void OnShareGroup(ShareGroup<TSubscriber, TValue> group);
}
