using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>SUBACK (section 3.9).</summary>
internal static class SubAckTable
{
    private static readonly byte[] Codes = [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2];

    public static readonly GoldenRow[] Rows =
    [
        Valid311(
            "3.1.1 every code",
            "90 06 (length 6) 00 0A (id 10) 00 01 02 80",
            new SubAckPacket
            {
                PacketId = 10,
                ReasonCodes = [ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS2, ReasonCode.UnspecifiedError],
            }),
        Valid500(
            "5.0 every code, every property",
            $"90 < 0001 < 1F ['why'] 26 ['k'] ['v'] > {Convert.ToHexString(Codes)} >",
            new SubAckPacket
            {
                PacketId = 1,
                ReasonString = "why",
                UserProperties = [new UserProperty("k", "v")],
                ReasonCodes = [.. Codes.Select(code => (ReasonCode)code)],
            }),
        .. NotAllowed(),
        Refused311("3.1.1 code 3", "90 03 0001 03", ReasonCode.ProtocolError),
        Refused311("3.1.1 code 87", "90 03 0001 87", ReasonCode.ProtocolError),
        Refused311("no code", "90 02 0001", ReasonCode.ProtocolError),
        Refused500("no code in 5.0", "90 03 0001 00", ReasonCode.ProtocolError),
        Refused311("packet id 0", "90 03 0000 00", ReasonCode.ProtocolError),
        Refused500("property length missing", "90 02 0001", ReasonCode.MalformedPacket),
        Refused500("reason string twice", "90 < 0001 < 1F ['a'] 1F ['a'] > 00 >", ReasonCode.ProtocolError),
        Refused500("property of another packet", "90 < 0001 < 0B 01 > 00 >", ReasonCode.MalformedPacket),
    ];

    private static IEnumerable<GoldenRow> NotAllowed()
        => Enumerable.Range(0, 256).Where(code => !Codes.Contains((byte)code))
            .Select(code => Refused500($"code {code:X2} is not one of SUBACK", $"90 04 0001 00 {code:X2}", ReasonCode.ProtocolError));
}
