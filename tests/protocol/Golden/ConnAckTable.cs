using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>CONNACK (section 3.2).</summary>
internal static class ConnAckTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid311("3.1.1 accepted", "20 02 00 00", new ConnAckPacket()),
        Valid311("3.1.1 accepted, session present", "20 02 01 00", new ConnAckPacket { SessionPresent = true }),
        Valid311("3.1.1 code 1", "20 02 00 01", new ConnAckPacket { ReasonCode = ReasonCode.UnsupportedProtocolVersion }),
        Valid311("3.1.1 code 2", "20 02 00 02", new ConnAckPacket { ReasonCode = ReasonCode.ClientIdentifierNotValid }),
        Valid311("3.1.1 code 3", "20 02 00 03", new ConnAckPacket { ReasonCode = ReasonCode.ServerUnavailable }),
        Valid311("3.1.1 code 4", "20 02 00 04", new ConnAckPacket { ReasonCode = ReasonCode.BadUserNameOrPassword }),
        Valid311("3.1.1 code 5", "20 02 00 05", new ConnAckPacket { ReasonCode = ReasonCode.NotAuthorized }),
        Valid500("5.0 accepted", "20 03 00 00 00", new ConnAckPacket()),
        Valid500(
            "5.0 with every property",
            """
            20 < 01 00 < 11 00000E10 12 ['auto-1'] 13 001E 15 ['SCRAM'] 16 [ 01 ] 1A ['r/'] 1C ['other'] 1F ['fine'] 21 000A 22 0005 24 01 25 00
            26 ['k'] ['v'] 27 00100000 28 01 29 00 2A 01 > >
            """,
            new ConnAckPacket
            {
                SessionPresent = true,
                SessionExpiryInterval = 3600,
                AssignedClientIdentifier = "auto-1",
                ServerKeepAlive = 30,
                AuthenticationMethod = "SCRAM",
                AuthenticationData = new byte[] { 1 },
                ResponseInformation = "r/",
                ServerReference = "other",
                ReasonString = "fine",
                ReceiveMaximum = 10,
                TopicAliasMaximum = 5,
                MaximumQoS = QoS.AtLeastOnce,
                RetainAvailable = false,
                UserProperties = [new UserProperty("k", "v")],
                MaximumPacketSize = 1024 * 1024,
                WildcardSubscriptionAvailable = true,
                SubscriptionIdentifiersAvailable = false,
                SharedSubscriptionAvailable = true,
            }),
        .. ReasonCodeRows(),
        Refused311("session present with a failure", "20 02 01 05", ReasonCode.ProtocolError),
        Refused500("session present with a failure in 5.0", "20 03 01 87 00", ReasonCode.ProtocolError),
        Refused311("reserved acknowledge flags", "20 02 02 00", ReasonCode.MalformedPacket),
        Refused500("reserved acknowledge flags in 5.0", "20 03 81 00 00", ReasonCode.MalformedPacket),
        Refused311("3.1.1 code 6 is reserved", "20 02 00 06", ReasonCode.ProtocolError),
        Refused311("3.1.1 with bytes left over", "20 03 00 00 00", ReasonCode.MalformedPacket),
        Refused500("5.0 without property length", "20 02 00 00", ReasonCode.MalformedPacket),
        Refused500("5.0 with bytes left over", "20 04 00 00 00 00", ReasonCode.MalformedPacket),
        Refused311("one byte", "20 01 00", ReasonCode.MalformedPacket),
        Refused500("maximum QoS 2", "20 < 00 00 < 24 02 > >", ReasonCode.ProtocolError),
        Refused500("receive maximum 0", "20 < 00 00 < 21 0000 > >", ReasonCode.ProtocolError),
        Refused500("maximum packet size 0", "20 < 00 00 < 27 00000000 > >", ReasonCode.ProtocolError),
        Refused500("authentication data without method", "20 < 00 00 < 16 [ 01 ] > >", ReasonCode.ProtocolError),
        Refused500("property of CONNECT", "20 < 00 00 < 17 01 > >", ReasonCode.MalformedPacket),
        .. TwiceRows(),
    ];

    private static IEnumerable<GoldenRow> ReasonCodeRows()
    {
        ReadOnlyMemory<byte> listed = new byte[]
        {
            0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
        };
        for (var code = 1; code <= byte.MaxValue; code++)
        {
            var bytes = $"20 03 00 {code:X2} 00";
            yield return listed.Span.Contains((byte)code)
                ? Valid500($"5.0 code {code:X2}", bytes, new ConnAckPacket { ReasonCode = (ReasonCode)code })
                : Refused500($"5.0 code {code:X2} is not one of CONNACK", bytes, ReasonCode.ProtocolError);
        }
    }

    private static IEnumerable<GoldenRow> TwiceRows()
    {
        string[] properties =
        [
            "11 00000001", "12 ['a']", "13 0001", "15 ['m']", "1A ['r']", "1C ['s']", "1F ['r']", "21 0001", "22 0001", "24 01", "25 01",
            "27 00000001", "28 01", "29 01", "2A 01",
        ];
        return properties.Select(property => Refused500($"twice: {property}", $"20 < 00 00 < {property} {property} > >", ReasonCode.ProtocolError));
    }
}
