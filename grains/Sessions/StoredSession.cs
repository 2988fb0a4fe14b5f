using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Storage;

namespace IotPlatform.Sessions;

/// <summary>One session that is kept: what it is subscribed to, what waits for it, and the connection that it has now, if any.</summary>
internal sealed class StoredSession(DeviceId device, SessionBounds bounds)
{
    private readonly List<(byte[] Filter, SessionSubscription Subscription, SubscriptionTerms Terms)> _subscriptions = [];

    public DeviceId Device => device;

    public SessionBounds Bounds { get; set; } = bounds;

    /// <summary>How long it outlives its connection.</summary>
    public TimeSpan Expiry { get; set; }

    /// <summary>Since when it has had no connection; meaningful while it has none.</summary>
    public DateTimeOffset OfflineSince { get; set; }

    /// <summary>The place of its last connection among the device's.</summary>
    public long Order { get; set; }

    /// <summary>The place of the connection that it began with; 0 where that is not known any more.</summary>
    public long FirstOrder { get; init; }

    /// <summary>While it ends: whether what it has of shared subscriptions has gone to their other members.</summary>
    public Task<bool>? HandOver { get; set; }

    /// <summary>The connection it has now.</summary>
    public SessionConnection? Connection { get; set; }

    /// <summary>The will that waits, or will have to when the connection is lost.</summary>
    public SessionWill? Will { get; set; }

    /// <summary>When it is published; null while there is a connection.</summary>
    public DateTimeOffset? WillDueAt { get; set; }

    public SessionQueue Queue { get; } = new();

    /// <summary>The sequence of its last message.</summary>
    public long LastSequence { get; set; }

    /// <summary>QoS 2 messages from the client that it has not released, by packet identifier.</summary>
    public SortedDictionary<int, ReceivedMessage> Received { get; } = [];

    public IEnumerable<SessionSubscription> Subscriptions => _subscriptions.Select(static entry => entry.Subscription);

    /// <summary>When it ends, if nobody comes.</summary>
    public DateTimeOffset EndsAt => Expiry < DateTimeOffset.MaxValue - OfflineSince ? OfflineSince + Expiry : DateTimeOffset.MaxValue;

    /// <summary>Sets a subscription, over an earlier one of the same filter.</summary>
    public void Subscribe(SessionSubscription subscription)
    {
        var entry = (Encoding.UTF8.GetBytes(subscription.Filter), subscription, TermsOf(subscription));
        var index = _subscriptions.FindIndex(known => known.Subscription.Filter == subscription.Filter);
        if (index < 0)
        {
            _subscriptions.Add(entry);
        }
        else
        {
            _subscriptions[index] = entry;
        }
    }

    public SessionSubscription? FindSubscription(string filter) => _subscriptions.Find(entry => entry.Subscription.Filter == filter).Subscription;

    /// <returns>False when there was no such subscription.</returns>
    public bool Unsubscribe(string filter) => _subscriptions.RemoveAll(entry => entry.Subscription.Filter == filter) > 0;

    /// <summary>How it gets a message, by all of its own subscriptions that match.</summary>
    /// <param name="topic">The message's topic.</param>
    /// <param name="qos">As it was published.</param>
    /// <param name="isOwn">Its own client published it.</param>
    /// <returns>Null when it does not.</returns>
    public MessageGrant? GrantFor(ReadOnlySpan<byte> topic, QoS qos, bool isOwn)
    {
        MessageGrant? granted = null;
        foreach (var (filter, _, terms) in _subscriptions)
        {
            // [MQTT-3.8.3-3]
            if (!(isOwn && terms.Options.NoLocal) && !SharedSubscription.TryParse(filter, out _, out _) && TopicFilter.Matches(filter, topic))
            {
                var grant = MessageGrant.Of(terms, qos);
                granted = granted?.And(grant) ?? grant;
            }
        }

        return granted;
    }

    public SessionRecord ToRecord() => new(
        device, Expiry, Bounds, Connection is null ? OfflineSince : null, [.. Subscriptions], [.. Received.Values], Will, WillDueAt);

    public SessionView ToView() => new(
        device, Connection is not null, Connection is null ? EndsAt : null, [.. Subscriptions], Queue.Count, Queue.Bytes);

    /// <summary>What a subscription asks for.</summary>
    public static SubscriptionTerms TermsOf(SessionSubscription subscription) => SubscriptionTerms.OfKept(subscription.Options, subscription.Identifier);
}
