using IotPlatform.Delivery;
using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <summary>A message that was written with a packet id, and what its session waits for.</summary>
/// <param name="message">The message.</param>
/// <param name="qos">1 or 2.</param>
/// <param name="deviceMessageId">For a device message, whose resending its grain decides: its id.</param>
internal sealed class InFlight(OutboundMessage message, QoS qos, string? deviceMessageId)
{
    public OutboundMessage Message => message;

    public QoS QoS => qos;

    public string? DeviceMessageId => deviceMessageId;

    /// <summary>The RETAIN flag it is sent with.</summary>
    public bool Retain { get; init; }

    /// <summary>A device message that has not gone out again on the present connection: perhaps its grain has given it up.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>It waits for its turn to be sent again on the present connection.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>QoS 2: the receiver has the message, its release is under way.</summary>
    public bool IsReleased { get; set; }
}
