using IotPlatform.Delivery;
using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <summary>A message that was written with a packet id, and what its session waits for.</summary>
/// <param name="message">The message; null for one that is not sent again: of a session that is kept and only has to be released, or a request to a device.</param>
/// <param name="copy">How it was sent.</param>
/// <param name="deviceMessageId">For a device message, whose resending its grain decides: its id.</param>
internal sealed class InFlight(OutboundMessage? message, in MessageCopy copy, string? deviceMessageId)
{
    private readonly MessageCopy _copy = copy;

    public OutboundMessage? Message => message;

    public MessageCopy Copy => _copy;

    public QoS QoS => _copy.QoS;

    public string? DeviceMessageId => deviceMessageId;

    /// <summary>A broadcast whose receiver may have been noted as one that has not acknowledged it.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>QoS 2: the receiver has the message, its release is under way.</summary>
    public bool IsReleased { get; set; }
}
