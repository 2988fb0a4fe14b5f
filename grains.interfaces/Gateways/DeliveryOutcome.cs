
namespace IotPlatform.Gateways;

/// <summary>What became of one delivery.</summary>
[GenerateSerializer, Alias("iot.delivery-outcome")]
public enum DeliveryOutcome
{
    /// <summary>On its way: in the connection's socket, or in order behind earlier bytes.</summary>
    Written,

    /// <summary>Written at QoS 0, because the device's subscription asks for no more: nothing will acknowledge it.</summary>
    WrittenAtMostOnce,

    /// <summary>The connection is gone.</summary>
    NotConnected,

    /// <summary>The connection is not open towards the device yet; its gateway will call when it is.</summary>
    NotOpen,

    /// <summary>The device is not subscribed to the topic; its gateway will call when it subscribes.</summary>
    NotSubscribed,

    /// <summary>The connection takes no more just now: its queue or its window is full.</summary>
    Full,

    /// <summary>Larger than the device takes (MQTT 5.0 Maximum Packet Size).</summary>
    TooLarge,
}
