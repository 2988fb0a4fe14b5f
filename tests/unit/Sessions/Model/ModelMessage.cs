using IotPlatform.Mqtt;

namespace IotPlatform.Unit.Tests.Sessions.Model;

/// <summary>A QoS 1 or 2 message that a client is not done with.</summary>
internal sealed class ModelMessage(string payload, QoS qos)
{
    public string Payload => payload;

    public QoS QoS => qos;

    /// <summary>Sent on the present connection.</summary>
    public bool IsInFlight { get; set; }

    /// <summary>Sent on this or an earlier connection.</summary>
    public bool WasSent { get; set; }

    /// <summary>At QoS 2, the client has said that it has it.</summary>
    public bool IsReleased { get; set; }

    /// <summary>What it was sent with; 0 before.</summary>
    public ushort PacketId { get; set; }

    public override string ToString() => $"{payload} at {(int)qos}";
}
