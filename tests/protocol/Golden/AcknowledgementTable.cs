using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Tests.Support;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP (sections 3.4 to 3.7).</summary>
internal static class AcknowledgementTable
{
    private static readonly byte[] PubAckCodes = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
    private static readonly byte[] PubRelCodes = [0x00, 0x92];

    public static readonly GoldenRow[] Rows =
    [
        Valid311("PUBACK, spelled out", "40 02 00 01", new AcknowledgementValue(PacketType.PubAck, 1)),
        Valid311("PUBREC, spelled out", "50 02 12 34", new AcknowledgementValue(PacketType.PubRec, 0x1234)),
        Valid311("PUBREL, spelled out", "62 02 FF FF", new AcknowledgementValue(PacketType.PubRel, ushort.MaxValue)),
        Valid311("PUBCOMP, spelled out", "70 02 00 07", new AcknowledgementValue(PacketType.PubComp, 7)),
        .. RowsOf(PacketType.PubAck, "40", PubAckCodes),
        .. RowsOf(PacketType.PubRec, "50", PubAckCodes),
        .. RowsOf(PacketType.PubRel, "62", PubRelCodes),
        .. RowsOf(PacketType.PubComp, "70", PubRelCodes),
    ];

    private static IEnumerable<GoldenRow> RowsOf(PacketType type, string first, byte[] codes)
    {
        yield return Valid500($"{type} short", $"{first} 02 0001", new AcknowledgementValue(type, 1));
        yield return Valid500(
            $"{type} success with its code",
            $"{first} 03 0001 00",
            new AcknowledgementValue(type, 1),
            canonical: $"{first} 02 0001");
        yield return Valid500(
            $"{type} success with no properties",
            $"{first} 04 0001 00 00",
            new AcknowledgementValue(type, 1),
            canonical: $"{first} 02 0001");
        yield return Valid500(
            $"{type} with properties",
            $"{first} < 0001 00 < 1F ['why'] 26 ['k'] ['v'] 26 ['k'] ['w'] > >",
            new AcknowledgementValue(type, 1)
            {
                ReasonString = "why",
                UserProperties = [new UserProperty("k", "v"), new UserProperty("k", "w")],
            });
        for (var code = 1; code <= byte.MaxValue; code++)
        {
            yield return codes.Contains((byte)code)
                ? Valid500($"{type} code {code:X2}", $"{first} 03 0001 {code:X2}", new AcknowledgementValue(type, 1, (ReasonCode)code))
                : Refused500($"{type} code {code:X2} is not one of its own", $"{first} 03 0001 {code:X2}", ReasonCode.ProtocolError);
        }

        yield return Refused311($"{type} packet id 0", $"{first} 02 0000", ReasonCode.ProtocolError);
        yield return Refused500($"{type} packet id 0 in 5.0", $"{first} 02 0000", ReasonCode.ProtocolError);
        yield return Refused311($"{type} empty", $"{first} 00", ReasonCode.MalformedPacket);
        yield return Refused500($"{type} empty in 5.0", $"{first} 00", ReasonCode.MalformedPacket);
        yield return Refused311($"{type} one byte", $"{first} 01 00", ReasonCode.MalformedPacket);
        yield return Refused311($"{type} with a reason code in 3.1.1", $"{first} 03 0001 00", ReasonCode.MalformedPacket);
        yield return Refused500($"{type} bytes left over", $"{first} 05 0001 00 00 00", ReasonCode.MalformedPacket);
        yield return Refused500($"{type} property length beyond the packet", $"{first} 04 0001 00 01", ReasonCode.MalformedPacket);
        yield return Refused500($"{type} reason string twice", $"{first} < 0001 00 < 1F ['a'] 1F ['a'] > >", ReasonCode.ProtocolError);
        yield return Refused500($"{type} property of another packet", $"{first} < 0001 00 < 02 00000001 > >", ReasonCode.MalformedPacket);
    }
}
