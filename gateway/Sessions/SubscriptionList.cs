using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Sessions;

/// <summary>A session's own subscriptions. A mutable struct: a part of its session, and short as a rule.</summary>
internal struct SubscriptionList
{
    private List<(byte[] Filter, SubscriptionOptions Options)>? _subscriptions;

    /// <summary>The filters, as they are now.</summary>
    public readonly byte[][] Filters() => _subscriptions is null ? [] : [.. _subscriptions.Select(static s => s.Filter)];

    /// <summary>The options of a filter's subscription; null for none.</summary>
    public readonly SubscriptionOptions? Find(byte[] filter) => IndexOf(filter) is >= 0 and var index ? _subscriptions![index].Options : null;

    /// <summary>Sets a subscription, over an earlier one of the same filter.</summary>
    /// <returns>False when there are <paramref name="max"/> others.</returns>
    public bool TrySet(byte[] filter, SubscriptionOptions options, int max)
    {
        _subscriptions ??= [];
        var index = IndexOf(filter);
        if (index >= 0)
        {
            _subscriptions[index] = (filter, options);
            return true;
        }

        if (_subscriptions.Count >= max)
        {
            return false;
        }

        _subscriptions.Add((filter, options));
        return true;
    }

    /// <returns>False when there was no such subscription.</returns>
    public readonly bool TryRemove(byte[] filter)
    {
        var index = IndexOf(filter);
        if (index < 0)
        {
            return false;
        }

        _subscriptions!.RemoveAt(index);
        return true;
    }

    /// <summary>The highest QoS at which messages on a topic are wanted [MQTT-3.8.4-8]; null: not at all.</summary>
    public readonly QoS? GrantedFor(ReadOnlySpan<byte> topic)
    {
        QoS? granted = null;
        for (var i = 0; i < _subscriptions?.Count; i++)
        {
            var (filter, options) = _subscriptions[i];
            if (TopicFilter.Matches(filter, topic) && !(granted >= options.QoS))
            {
                granted = options.QoS;
            }
        }

        return granted;
    }

    private readonly int IndexOf(byte[] filter)
    {
        for (var i = 0; i < _subscriptions?.Count; i++)
        {
            if (_subscriptions[i].Filter.AsSpan().SequenceEqual(filter))
            {
                return i;
            }
        }

        return -1;
    }
}
