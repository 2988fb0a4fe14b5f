using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Sessions;

/// <content>What it is subscribed to.</content>
internal sealed partial class Session
{
    public bool IsSubscribedTo(ReadOnlySpan<byte> topic)
    {
        lock (this)
        {
            return _subscriptions.GrantedFor(topic) is not null;
        }
    }

    /// <summary>Remembers a subscription, over an earlier one of the same filter.</summary>
    /// <param name="filter">As the client sent it.</param>
    /// <param name="terms">What it wants.</param>
    /// <param name="isNew">Whether there was none of this filter.</param>
    /// <returns>False when it has as many as it may have.</returns>
    public bool TrySubscribe(byte[] filter, in SubscriptionTerms terms, out bool isNew)
    {
        lock (this)
        {
            isNew = _subscriptions.Find(filter) is null;
            return _subscriptions.TrySet(filter, terms, limits.SubscriptionsMax);
        }
    }

    /// <returns>False when there was no such subscription.</returns>
    public bool TryUnsubscribe(byte[] filter)
    {
        lock (this)
        {
            _feed?.Remove(filter);
            return _subscriptions.TryRemove(filter);
        }
    }

    /// <summary>The filters it is subscribed to.</summary>
    public byte[][] Filters()
    {
        lock (this)
        {
            return _subscriptions.Filters();
        }
    }
}
