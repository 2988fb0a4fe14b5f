using System.Collections.Immutable;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Sessions;

/// <summary>A SUBSCRIBE packet while it is carried out, filter by filter.</summary>
internal sealed class SubscribeRequest(SubscribePacket packet)
{
    private readonly ReasonCode[] _codes = new ReasonCode[packet.Subscriptions.Count];
    private readonly byte[][] _filters = [.. packet.Subscriptions.Select(static subscription => Encoding.UTF8.GetBytes(subscription.Filter))];
    private List<byte[]>? _retainedFor;

    public int Count => _codes.Length;

    /// <summary>The filters whose retained messages are to be sent; null for none.</summary>
    public IReadOnlyList<byte[]>? RetainedFor => _retainedFor;

    /// <summary>What is granted, as it is kept.</summary>
    public ImmutableArray<SessionSubscription> ToKeep =>
    [
        .. packet.Subscriptions
            .Where((_, place) => !_codes[place].IsFailure())
            .Select(subscription => new SessionSubscription(subscription.Filter, subscription.Options.Bits, packet.SubscriptionIdentifier ?? 0)),
    ];

    public byte[] Filter(int place) => _filters[place];

    public SubscriptionTerms Terms(int place) => SubscriptionTerms.Of(packet.Subscriptions[place].Options, packet.SubscriptionIdentifier);

    public void Refuse(int place, ReasonCode reason) => _codes[place] = reason;

    /// <summary>It is subscribed to.</summary>
    /// <param name="place">Which.</param>
    /// <param name="isShared">It is a shared subscription.</param>
    /// <param name="isNew">There was none of this filter.</param>
    public void Grant(int place, bool isShared, bool isNew)
    {
        var options = packet.Subscriptions[place].Options;
        _codes[place] = (ReasonCode)options.QoS;

        // [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]; section 4.8.2: what is retained is for no shared subscription.
        if (!isShared && (options.RetainHandling == RetainHandling.Send || (options.RetainHandling == RetainHandling.SendIfNew && isNew)))
        {
            (_retainedFor ??= []).Add(_filters[place]);
        }
    }

    /// <summary>What was granted is not, after all.</summary>
    /// <returns>Its filters.</returns>
    public List<byte[]> Fail(ReasonCode reason)
    {
        var failed = new List<byte[]>();
        for (var place = 0; place < _codes.Length; place++)
        {
            if (!_codes[place].IsFailure())
            {
                _codes[place] = reason;
                failed.Add(_filters[place]);
            }
        }

        _retainedFor = null;
        return failed;
    }

    /// <returns>Null where the client takes no packet of that size.</returns>
    public byte[]? ToSubAck(in ReasonTerms terms) => terms.Encode(
        new SubAckPacket { PacketId = packet.PacketId, ReasonCodes = _codes, ReasonString = terms.TextFor(PacketType.SubAck, _codes) },
        new SubAckPacket { PacketId = packet.PacketId, ReasonCodes = _codes });
}
