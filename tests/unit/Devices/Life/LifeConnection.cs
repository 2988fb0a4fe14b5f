using IotPlatform.Devices;
using IotPlatform.Gateways;
using Copy = IotPlatform.Gateways.Delivery;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>A connection of the device, as its gateway keeps it: the gateway knows what it has written on it, and does as <c>Session.Deliver</c> does.</summary>
internal sealed class LifeConnection(Attachment attachment, DeviceProtocol protocol, int receiveMaximum, LifeModel model)
{
    /// <summary>The first byte of a message that the device does not take.</summary>
    public const byte TooLarge = 255;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _inFlight = [];
    private readonly HashSet<string> _unconfirmed = [];
    private bool _isOpen;
    private bool _wasAskedEarly;
    private long _generation;

    public Attachment Attachment => attachment;

    public DeviceProtocol Protocol => protocol;

    public int ReceiveMaximum => receiveMaximum;

    /// <summary>Its place among the device's connections; 0 until it is attached.</summary>
    public long Order { get; private set; }

    public long Generation => Locked(() => _generation);

    public bool IsSubscribed { get; set; }

    /// <summary>What the device has been sent and has not acknowledged.</summary>
    public string[] InFlight => Locked(() => _inFlight.ToArray());

    /// <summary>What the device has acknowledged, and its grain is not known to have stored.</summary>
    public string[] Unconfirmed => Locked(() => _unconfirmed.ToArray());

    /// <returns>Whether its grain wants to know that it is open.</returns>
    public bool Attached(AttachReply reply) => Locked(() =>
    {
        Order = reply.Order;
        _generation = Math.Max(_generation, reply.Generation);
        _isOpen = true;
        return reply.HasWaiting || _wasAskedEarly;
    });

    public void Acknowledged(string messageId) => Locked(() => _inFlight.Remove(messageId) && _unconfirmed.Add(messageId));

    public void Confirmed(string messageId) => Locked(() => _unconfirmed.Remove(messageId));

    /// <summary>Writes what it can, in its order.</summary>
    public DeliverReply Deliver(DeliverRequest request, bool isFull) => Locked(() =>
    {
        _generation = Math.Max(_generation, request.Generation);
        var outcomes = new List<DeliveryOutcome>();
        foreach (var delivery in request.Deliveries)
        {
            outcomes.Add(request.Generation < _generation ? DeliveryOutcome.NotConnected : isFull ? DeliveryOutcome.Full : DeliverLocked(delivery));
            if (outcomes[^1] is DeliveryOutcome.Full or DeliveryOutcome.NotConnected or DeliveryOutcome.NotOpen)
            {
                break;
            }
        }

        return new DeliverReply([.. outcomes]);
    });

    private DeliveryOutcome DeliverLocked(Copy delivery)
    {
        if (!_isOpen)
        {
            _wasAskedEarly = true;
            return DeliveryOutcome.NotOpen;
        }

        if (delivery.NeedsSubscription && !IsSubscribed)
        {
            return DeliveryOutcome.NotSubscribed;
        }

        if (delivery.Payload.Span[0] == TooLarge)
        {
            return DeliveryOutcome.TooLarge;
        }

        if (delivery.QoS == 0)
        {
            return Write(delivery, isDuplicate: false);
        }

        var isInFlight = _inFlight.Contains(delivery.MessageId);
        if (_unconfirmed.Contains(delivery.MessageId) || (isInFlight && protocol == DeviceProtocol.Mqtt500))
        {
            return DeliveryOutcome.Written;
        }

        if (!isInFlight && _inFlight.Count >= receiveMaximum)
        {
            return DeliveryOutcome.Full;
        }

        _inFlight.Add(delivery.MessageId);
        return Write(delivery, isInFlight || delivery.IsDuplicate);
    }

    private DeliveryOutcome Write(Copy delivery, bool isDuplicate)
    {
        model.Arrived(this, delivery, isDuplicate);
        return DeliveryOutcome.Written;
    }

    private T Locked<T>(Func<T> action)
    {
        lock (_gate)
        {
            return action();
        }
    }
}
