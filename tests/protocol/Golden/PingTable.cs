using IotPlatform.Mqtt.Tests.Support;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>PINGREQ and PINGRESP (sections 3.12 and 3.13).</summary>
internal static class PingTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid311("PINGREQ", "C0 00", new PingValue(PacketType.PingReq)),
        Valid500("PINGREQ in 5.0", "C0 00", new PingValue(PacketType.PingReq)),
        Valid311("PINGRESP", "D0 00", new PingValue(PacketType.PingResp)),
        Valid500("PINGRESP in 5.0", "D0 00", new PingValue(PacketType.PingResp)),
        Refused311("PINGREQ with a body", "C0 01 00", ReasonCode.MalformedPacket),
        Refused500("PINGRESP with a body", "D0 01 00", ReasonCode.MalformedPacket),
    ];
}
