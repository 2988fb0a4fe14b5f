using IotPlatform.Devices;

namespace IotPlatform.Orders;

/// <summary>One packet on its way, or what became of a message that was to be one. Payloads are not noted.</summary>
/// <param name="Number">Its place among those that its gateway has noted for the trace.</param>
/// <param name="At">When.</param>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Device">Whose connection it is; null before its login.</param>
/// <param name="ClientId">Its client id; empty before CONNECT.</param>
/// <param name="Address">Where the client is.</param>
/// <param name="Step">What happened.</param>
/// <param name="Packet">The name of the packet's type in the specification, in capitals.</param>
/// <param name="PacketId">Its packet identifier; 0 for none.</param>
/// <param name="Topic">The topic of a PUBLISH, or the filters of a SUBSCRIBE or UNSUBSCRIBE.</param>
/// <param name="QoS">The QoS of a PUBLISH.</param>
/// <param name="Bytes">The size of the packet.</param>
/// <param name="Outcome">A reason code, the reason of a drop, or what the connection said; empty where there is none.</param>
[GenerateSerializer, Immutable, Alias("iot.trace-event")]
public sealed record TraceEvent(
    [property: Id(0)] long Number,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] long ConnectionId,
    [property: Id(3)] DeviceId? Device,
    [property: Id(4)] string ClientId,
    [property: Id(5)] string Address,
    [property: Id(6)] TraceStep Step,
    [property: Id(7)] string Packet,
    [property: Id(8)] int PacketId,
    [property: Id(9)] string Topic,
    [property: Id(10)] int QoS,
    [property: Id(11)] int Bytes,
    [property: Id(12)] string Outcome);
