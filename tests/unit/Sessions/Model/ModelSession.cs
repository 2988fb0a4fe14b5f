using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Unit.Tests.Sessions.Model;

/// <summary>A session as the standard and the settings have it: what it is subscribed to, what is for its client, and what is sent to that in which order.</summary>
/// <param name="bound">QoS 1 and 2 messages that may wait, beyond those that are being sent.</param>
/// <param name="dropsOldest">What happens to one more.</param>
internal sealed class ModelSession(int bound, bool dropsOldest)
{
    private readonly Dictionary<string, SubscriptionOptions> _subscriptions = [];
    private readonly List<ModelMessage> _messages = [];
    private int _receiveMaximum;

    public bool IsOnline { get; private set; }

    public int MessageCount => _messages.Count;

    /// <summary>How long it stays without a connection.</summary>
    public TimeSpan Expiry { get; set; }

    /// <summary>Since when it has none.</summary>
    public DateTimeOffset OfflineSince { get; private set; }

    /// <summary>What the client has been sent, and is not done with.</summary>
    public ModelMessage[] InFlight => [.. _messages.Where(static message => message.IsInFlight)];

    public IReadOnlyCollection<string> Filters => _subscriptions.Keys;

    public void Subscribe(string filter, SubscriptionOptions options) => _subscriptions[filter] = options;

    public void Unsubscribe(string filter) => _subscriptions.Remove(filter);

    /// <summary>How the client gets a message, by all subscriptions that match; null where it does not.</summary>
    public QoS? GrantFor(string topic, QoS qos, bool isOwn)
    {
        QoS? granted = null;
        foreach (var (filter, options) in _subscriptions)
        {
            if (TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic)) && !(isOwn && options.NoLocal))
            {
                var lower = options.QoS < qos ? options.QoS : qos;
                granted = granted > lower ? granted : lower;
            }
        }

        return granted;
    }

    /// <summary>A QoS 1 or 2 message is for the client.</summary>
    public void Add(string payload, QoS qos)
    {
        var mayBeSentAtOnce = IsOnline && InFlight.Length < _receiveMaximum;
        var waiting = _messages.Count(static message => !message.IsInFlight);
        if (!mayBeSentAtOnce && waiting >= bound)
        {
            // What the client may have seen is carried through.
            for (; dropsOldest && waiting >= bound && _messages.Find(static message => message is { IsInFlight: false, WasSent: false }) is { } oldest; waiting--)
            {
                _messages.Remove(oldest);
            }

            if (waiting >= bound)
            {
                return;
            }
        }

        _messages.Add(new ModelMessage(payload, qos));
    }

    /// <summary>What is sent now.</summary>
    public List<ModelPacket> Send()
    {
        var sent = new List<ModelPacket>();
        foreach (var message in IsOnline ? _messages : [])
        {
            if (!message.IsInFlight && InFlight.Length < _receiveMaximum)
            {
                message.IsInFlight = true;
                sent.Add(message.IsReleased ? new ModelPacket(PacketType.PubRel, message) : new ModelPacket(PacketType.Publish, message) { IsDuplicate = message.WasSent });
                message.WasSent = true;
            }
        }

        return sent;
    }

    public void Finish(ModelMessage message) => _messages.Remove(message);

    public void Connect(int receiveMaximum) => (IsOnline, _receiveMaximum) = (true, receiveMaximum);

    public void Disconnect(DateTimeOffset now)
    {
        (IsOnline, OfflineSince) = (false, now);
        _messages.ForEach(static message => message.IsInFlight = false);
    }
}
