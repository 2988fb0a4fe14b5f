using System.Collections.Immutable;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Sessions;

/// <summary>A session's own subscriptions. A mutable struct: a part of its session, and short as a rule.</summary>
internal struct SubscriptionList
{
    private List<(byte[] Filter, SubscriptionTerms Terms)>? _subscriptions;

    /// <summary>The filters, as they are now.</summary>
    public readonly byte[][] Filters() => _subscriptions is null ? [] : [.. _subscriptions.Select(static s => s.Filter)];

    /// <summary>All of them, as sessions keep them.</summary>
    public readonly ImmutableArray<SessionSubscription> ToKeep() =>
        _subscriptions is null ? []
        : [.. _subscriptions.Select(static s => new SessionSubscription(Encoding.UTF8.GetString(s.Filter), s.Terms.Options.Bits, s.Terms.IdentifierNumber))];

    /// <summary>The terms of a filter's subscription; null for none.</summary>
    public readonly SubscriptionTerms? Find(byte[] filter) => IndexOf(filter) is >= 0 and var index ? _subscriptions![index].Terms : null;

    /// <summary>Sets a subscription, over an earlier one of the same filter.</summary>
    /// <returns>False when there are <paramref name="max"/> others.</returns>
    public bool TrySet(byte[] filter, in SubscriptionTerms terms, int max)
    {
        _subscriptions ??= [];
        var index = IndexOf(filter);
        if (index >= 0)
        {
            _subscriptions[index] = (filter, terms);
            return true;
        }

        if (_subscriptions.Count >= max)
        {
            return false;
        }

        _subscriptions.Add((filter, terms));
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
            var (filter, terms) = _subscriptions[i];
            if (TopicFilter.Matches(filter, topic) && !(granted >= terms.Options.QoS))
            {
                granted = terms.Options.QoS;
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
