using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>AUTH (section 3.15).</summary>
internal static class AuthTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid500("success of a server, short", "F0 00", new AuthPacket(), Sender.Server),
        Valid500(
            "success of a server with data",
            "F0 < 00 < 15 ['SCRAM'] 16 [ 01 ] > >",
            new AuthPacket { AuthenticationMethod = "SCRAM", AuthenticationData = new byte[] { 1 } },
            Sender.Server),
        Valid500(
            "continue with every property",
            "F0 < 18 < 15 ['SCRAM'] 16 [ 00 FF ] 1F ['why'] 26 ['k'] ['v'] > >",
            new AuthPacket
            {
                ReasonCode = ReasonCode.ContinueAuthentication,
                AuthenticationMethod = "SCRAM",
                AuthenticationData = new byte[] { 0, 255 },
                ReasonString = "why",
                UserProperties = [new UserProperty("k", "v")],
            }),
        Valid500(
            "continue of a server",
            "F0 < 18 < 15 ['m'] > >",
            new AuthPacket { ReasonCode = ReasonCode.ContinueAuthentication, AuthenticationMethod = "m" },
            Sender.Server),
        Valid500(
            "re-authenticate",
            "F0 < 19 < 15 ['m'] > >",
            new AuthPacket { ReasonCode = ReasonCode.ReAuthenticate, AuthenticationMethod = "m" }),
        Refused311("3.1.1 has no AUTH", "F0 00", ReasonCode.MalformedPacket, Sender.Server),
        Refused500("success of a client, short", "F0 00", ReasonCode.ProtocolError),
        Refused500("success of a client", "F0 < 00 < 15 ['m'] > >", ReasonCode.ProtocolError),
        Refused500("re-authenticate of a server", "F0 < 19 < 15 ['m'] > >", ReasonCode.ProtocolError, Sender.Server),
        Refused500("code of another packet", "F0 < 87 < 15 ['m'] > >", ReasonCode.ProtocolError),
        Refused500("code without property length", "F0 01 18", ReasonCode.MalformedPacket),
        Refused500("without method", "F0 02 18 00", ReasonCode.ProtocolError),
        Refused500("data without method", "F0 < 18 < 16 [ 01 ] > >", ReasonCode.ProtocolError),
        Refused500("method twice", "F0 < 18 < 15 ['m'] 15 ['m'] > >", ReasonCode.ProtocolError),
        Refused500("data twice", "F0 < 18 < 15 ['m'] 16 [] 16 [] > >", ReasonCode.ProtocolError),
        Refused500("reason string twice", "F0 < 18 < 15 ['m'] 1F [] 1F [] > >", ReasonCode.ProtocolError),
        Refused500("bytes left over", "F0 < 18 < 15 ['m'] > 00 >", ReasonCode.MalformedPacket),
        Refused500("property of another packet", "F0 < 18 < 15 ['m'] 21 0001 > >", ReasonCode.MalformedPacket),
    ];
}
