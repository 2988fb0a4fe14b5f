using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>UNSUBACK (section 3.11).</summary>
internal static class UnsubAckTable
{
    private static readonly byte[] Codes = [0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91];

    public static readonly GoldenRow[] Rows =
    [
        Valid311("3.1.1, spelled out", "B0 02 00 0A", new UnsubAckPacket { PacketId = 10 }),
        Valid500(
            "5.0 every code, every property",
            $"B0 < 0001 < 1F ['why'] 26 ['k'] ['v'] > {Convert.ToHexString(Codes)} >",
            new UnsubAckPacket
            {
                PacketId = 1,
                ReasonString = "why",
                UserProperties = [new UserProperty("k", "v")],
                ReasonCodes = [.. Codes.Select(code => (ReasonCode)code)],
            }),
        .. NotAllowed(),
        Refused311("3.1.1 with a code", "B0 03 0001 00", ReasonCode.MalformedPacket),
        Refused311("packet id 0", "B0 02 0000", ReasonCode.ProtocolError),
        Refused500("no code in 5.0", "B0 03 0001 00", ReasonCode.ProtocolError),
        Refused500("property length missing", "B0 02 0001", ReasonCode.MalformedPacket),
        Refused500("reason string twice", "B0 < 0001 < 1F ['a'] 1F ['a'] > 00 >", ReasonCode.ProtocolError),
    ];

    private static IEnumerable<GoldenRow> NotAllowed()
        => Enumerable.Range(0, 256).Where(code => !Codes.Contains((byte)code))
            .Select(code => Refused500($"code {code:X2} is not one of UNSUBACK", $"B0 04 0001 00 {code:X2}", ReasonCode.ProtocolError));
}
