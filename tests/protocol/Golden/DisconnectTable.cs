using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>DISCONNECT (section 3.14).</summary>
internal static class DisconnectTable
{
    private static readonly byte[] ClientCodes = [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];

    private static readonly byte[] ServerCodes =
    [
        0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D,
        0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
    ];

    public static readonly GoldenRow[] Rows =
    [
        Valid311("3.1.1", "E0 00", new DisconnectPacket()),
        Valid500("5.0 short", "E0 00", new DisconnectPacket()),
        Valid500("5.0 success with its code", "E0 01 00", new DisconnectPacket(), canonical: "E0 00"),
        Valid500("5.0 success with no properties", "E0 02 00 00", new DisconnectPacket(), canonical: "E0 00"),
        Valid500(
            "5.0 failure with no properties",
            "E0 02 81 00",
            new DisconnectPacket { ReasonCode = ReasonCode.MalformedPacket },
            canonical: "E0 01 81"),
        Valid500(
            "5.0 of a client with every property",
            "E0 < 04 < 11 0000000A 1F ['why'] 26 ['k'] ['v'] > >",
            new DisconnectPacket
            {
                ReasonCode = ReasonCode.DisconnectWithWill,
                SessionExpiryInterval = 10,
                ReasonString = "why",
                UserProperties = [new UserProperty("k", "v")],
            }),
        Valid500(
            "5.0 of a server with every property",
            "E0 < 9C < 1C ['other:1883'] 1F ['why'] 26 ['k'] ['v'] > >",
            new DisconnectPacket
            {
                ReasonCode = ReasonCode.UseAnotherServer,
                ServerReference = "other:1883",
                ReasonString = "why",
                UserProperties = [new UserProperty("k", "v")],
            },
            Sender.Server),
        .. CodeRows(Sender.Client, ClientCodes),
        .. CodeRows(Sender.Server, ServerCodes),
        Refused311("3.1.1 with a body", "E0 01 00", ReasonCode.MalformedPacket),
        Refused311("3.1.1 of a server", "E0 00", ReasonCode.ProtocolError, Sender.Server),
        Refused500("bytes left over", "E0 03 00 00 00", ReasonCode.MalformedPacket),
        Refused500("property length beyond the packet", "E0 02 00 05", ReasonCode.MalformedPacket),
        Refused500("session expiry of a server", "E0 < 00 < 11 00000001 > >", ReasonCode.ProtocolError, Sender.Server),
        Refused500("session expiry twice", "E0 < 00 < 11 00000001 11 00000001 > >", ReasonCode.ProtocolError),
        Refused500("server reference of a client", "E0 < 00 < 1C ['s'] > >", ReasonCode.ProtocolError),
        Refused500("server reference twice", "E0 < 9D < 1C ['s'] 1C ['s'] > >", ReasonCode.ProtocolError, Sender.Server),
        Refused500("reason string twice", "E0 < 00 < 1F ['s'] 1F ['s'] > >", ReasonCode.ProtocolError),
        Refused500("property of another packet", "E0 < 00 < 21 0001 > >", ReasonCode.MalformedPacket),
    ];

    private static IEnumerable<GoldenRow> CodeRows(Sender sender, byte[] codes)
    {
        for (var code = 1; code <= byte.MaxValue; code++)
        {
            yield return codes.Contains((byte)code)
                ? Valid500($"code {code:X2} of a {sender}", $"E0 01 {code:X2}", new DisconnectPacket { ReasonCode = (ReasonCode)code }, sender)
                : Refused500($"code {code:X2} is not one of a {sender}", $"E0 01 {code:X2}", ReasonCode.ProtocolError, sender);
        }
    }
}
