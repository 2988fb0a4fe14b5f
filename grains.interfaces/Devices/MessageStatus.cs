
namespace IotPlatform.Devices;

/// <summary>Where a message stands.</summary>
[GenerateSerializer, Alias("iot.message-status")]
public enum MessageStatus
{
    /// <summary>Durable; waits for the device.</summary>
    Pending = 1,

    /// <summary>Written to the device's connection, not acknowledged.</summary>
    Sent = 2,

    /// <summary>QoS 0: written. QoS 1: acknowledged.</summary>
    Delivered = 3,

    /// <summary>Its time to live passed, or every retry did.</summary>
    TimedOut = 4,

    /// <summary>It can not be delivered.</summary>
    Failed = 5,
}
