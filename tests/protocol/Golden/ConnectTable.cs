using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>CONNECT (section 3.1).</summary>
internal static class ConnectTable
{
    private const string Name311 = "['MQTT'] 04";
    private const string Name500 = "['MQTT'] 05";

    public static readonly GoldenRow[] Rows =
    [
        Valid311(
            "3.1.1, spelled out",
            "10 10 (length 16) 00 04 4D 51 54 54 ('MQTT') 04 (level) 02 (clean session) 00 3C (60 s) 00 04 74 65 73 74 ('test')",
            new ConnectPacket { Version = ProtocolVersion.Mqtt311, CleanStart = true, KeepAlive = 60, ClientId = "test" }),
        Valid311(
            "3.1.1 with everything",
            $"10 < {Name311} F6 (user, password, retain, QoS 2, will, clean) FFFF ['dev'] ['w/t'] [ 00FF ] ['user'] [ 0001FE ] >",
            new ConnectPacket
            {
                Version = ProtocolVersion.Mqtt311,
                CleanStart = true,
                KeepAlive = ushort.MaxValue,
                ClientId = "dev",
                Will = new WillMessage { Topic = "w/t", Payload = new byte[] { 0, 255 }, QoS = QoS.ExactlyOnce, Retain = true },
                UserName = "user",
                Password = new byte[] { 0, 1, 254 },
            }),
        Valid311(
            "3.1.1 user name without password, empty client id",
            $"10 < {Name311} 82 0000 [] ['u'] >",
            new ConnectPacket { Version = ProtocolVersion.Mqtt311, CleanStart = true, UserName = "u" }),
        Valid311(
            "3.1.1 will QoS 1 with an empty payload, not retained",
            $"10 < {Name311} 0C (will, QoS 1) 000A ['c'] ['w'] [] >",
            new ConnectPacket
            {
                Version = ProtocolVersion.Mqtt311,
                KeepAlive = 10,
                ClientId = "c",
                Will = new WillMessage { Topic = "w", QoS = QoS.AtLeastOnce },
            }),
        Valid311(
            "3.1.1 empty user name and password are present",
            $"10 < {Name311} C2 0000 ['c'] [] [] >",
            new ConnectPacket { Version = ProtocolVersion.Mqtt311, CleanStart = true, ClientId = "c", UserName = "", Password = Array.Empty<byte>() }),
        Valid311(
            "3.1.1 client id with a byte order mark keeps it",
            $"10 < {Name311} 02 0000 [ EFBBBF 'c' ] >",
            new ConnectPacket { Version = ProtocolVersion.Mqtt311, CleanStart = true, ClientId = "\uFEFFc" }),
        Valid500(
            "5.0, spelled out",
            "10 11 (length 17) 00 04 4D 51 54 54 ('MQTT') 05 (version) 02 (clean start) 00 3C (60 s) 00 (no properties) 00 04 74 65 73 74 ('test')",
            new ConnectPacket { CleanStart = true, KeepAlive = 60, ClientId = "test" }),
        Valid500(
            "5.0 with every property",
            $"""
            10 < {Name500} F6 003C
            < 11 FFFFFFFF 15 ['SCRAM'] 16 [ 00 01 ] 17 00 19 01 21 0014 22 000A 26 ['k'] ['v'] 26 ['k'] ['w'] 27 00010000 >
            ['dev']
            < 01 01 02 0000003C 03 ['text/plain'] 08 ['r/t'] 09 [ AB CD ] 18 00000005 26 ['wk'] ['wv'] >
            ['w/t'] [ 'bye' ] ['user'] ['secret'] >
            """,
            new ConnectPacket
            {
                CleanStart = true,
                KeepAlive = 60,
                ClientId = "dev",
                SessionExpiryInterval = uint.MaxValue,
                AuthenticationMethod = "SCRAM",
                AuthenticationData = new byte[] { 0, 1 },
                RequestProblemInformation = false,
                RequestResponseInformation = true,
                ReceiveMaximum = 20,
                TopicAliasMaximum = 10,
                UserProperties = [new UserProperty("k", "v"), new UserProperty("k", "w")],
                MaximumPacketSize = 65536,
                Will = new WillMessage
                {
                    Topic = "w/t",
                    Payload = "bye"u8.ToArray(),
                    QoS = QoS.ExactlyOnce,
                    Retain = true,
                    DelayInterval = 5,
                    PayloadFormatIndicator = true,
                    MessageExpiryInterval = 60,
                    ContentType = "text/plain",
                    ResponseTopic = "r/t",
                    CorrelationData = new byte[] { 0xAB, 0xCD },
                    UserProperties = [new UserProperty("wk", "wv")],
                },
                UserName = "user",
                Password = "secret"u8.ToArray(),
            }),
        Valid500(
            "5.0 properties in another order",
            $"10 < {Name500} 00 0000 < 27 00000100 11 0000000A > ['c'] >",
            new ConnectPacket { ClientId = "c", SessionExpiryInterval = 10, MaximumPacketSize = 256 },
            canonical: $"10 < {Name500} 00 0000 < 11 0000000A 27 00000100 > ['c'] >"),
        Valid500(
            "5.0 password without user name",
            $"10 < {Name500} 40 0000 00 ['c'] ['token'] >",
            new ConnectPacket { ClientId = "c", Password = "token"u8.ToArray() }),
        Valid500(
            "5.0 empty client id with a session to keep",
            $"10 < {Name500} 00 0000 00 [] >",
            new ConnectPacket()),
        Valid500(
            "5.0 defaults that are sent all the same",
            $"10 < {Name500} 02 0000 < 11 00000000 17 01 19 00 21 FFFF 22 0000 27 FFFFFFFF > ['c'] >",
            new ConnectPacket
            {
                CleanStart = true,
                ClientId = "c",
                SessionExpiryInterval = 0,
                RequestProblemInformation = true,
                RequestResponseInformation = false,
                ReceiveMaximum = ushort.MaxValue,
                TopicAliasMaximum = 0,
                MaximumPacketSize = uint.MaxValue,
            }),

        // [MQTT-3.1.2-1], [MQTT-3.1.2-2]
        Refused311("level 3, MQIsdp", "10 < ['MQIsdp'] 03 02 003C ['c'] >", ReasonCode.UnsupportedProtocolVersion),
        Refused311("level 3 with the newer name", "10 < ['MQTT'] 03 02 003C ['c'] >", ReasonCode.UnsupportedProtocolVersion),
        Refused311("level 4 with the older name", "10 < ['MQIsdp'] 04 02 003C ['c'] >", ReasonCode.UnsupportedProtocolVersion),
        Refused500("level 6", "10 < ['MQTT'] 06 02 003C 00 ['c'] >", ReasonCode.UnsupportedProtocolVersion),
        Refused311("level 0x84, a bridge's habit", "10 < ['MQTT'] 84 02 003C ['c'] >", ReasonCode.UnsupportedProtocolVersion),
        Refused311("name in lower case", "10 < ['mqtt'] 04 02 003C ['c'] >", ReasonCode.UnsupportedProtocolVersion),

        Refused311("empty body", "10 00", ReasonCode.MalformedPacket),
        Refused311("name cut off", "10 < 0004 'MQ' >", ReasonCode.MalformedPacket),
        Refused311("ends after the level", $"10 < {Name311} >", ReasonCode.MalformedPacket),
        Refused311("ends in keep-alive", $"10 < {Name311} 02 00 >", ReasonCode.MalformedPacket),
        Refused311("without client id", $"10 < {Name311} 02 003C >", ReasonCode.MalformedPacket),
        Refused311("bytes left over", $"10 < {Name311} 02 003C ['c'] 00 >", ReasonCode.MalformedPacket),
        Refused500("bytes left over in 5.0", $"10 < {Name500} 02 003C 00 ['c'] 00 >", ReasonCode.MalformedPacket),

        // Connect flags.
        Refused311("reserved flag", $"10 < {Name311} 03 003C ['c'] >", ReasonCode.MalformedPacket),
        Refused500("reserved flag in 5.0", $"10 < {Name500} 03 003C 00 ['c'] >", ReasonCode.MalformedPacket),
        Refused311("will QoS 3", $"10 < {Name311} 1E 003C ['c'] ['w'] [] >", ReasonCode.MalformedPacket),
        Refused500("will QoS 3 in 5.0", $"10 < {Name500} 1E 003C 00 ['c'] 00 ['w'] [] >", ReasonCode.MalformedPacket),
        Refused311("will QoS without will", $"10 < {Name311} 0A 003C ['c'] >", ReasonCode.MalformedPacket),
        Refused500("will QoS without will in 5.0", $"10 < {Name500} 0A 003C 00 ['c'] >", ReasonCode.MalformedPacket),
        Refused311("will retain without will", $"10 < {Name311} 22 003C ['c'] >", ReasonCode.MalformedPacket),
        Refused500("will retain without will in 5.0", $"10 < {Name500} 22 003C 00 ['c'] >", ReasonCode.MalformedPacket),
        Refused311("3.1.1 password without user name", $"10 < {Name311} 42 003C ['c'] ['p'] >", ReasonCode.MalformedPacket),
        Refused311("will announced, not there", $"10 < {Name311} 06 003C ['c'] >", ReasonCode.MalformedPacket),
        Refused311("user name announced, not there", $"10 < {Name311} 82 003C ['c'] >", ReasonCode.MalformedPacket),
        Refused311("password announced, not there", $"10 < {Name311} C2 003C ['c'] ['u'] >", ReasonCode.MalformedPacket),
        Refused311("user name not announced, there", $"10 < {Name311} 02 003C ['c'] ['u'] >", ReasonCode.MalformedPacket),

        // Payload.
        Refused311("3.1.1 empty client id with a session to keep", $"10 < {Name311} 00 003C [] >", ReasonCode.ClientIdentifierNotValid),
        Refused311("client id is not UTF-8", $"10 < {Name311} 02 003C [ FF ] >", ReasonCode.MalformedPacket),
        Refused311("client id with an overlong encoding", $"10 < {Name311} 02 003C [ C0 AF ] >", ReasonCode.MalformedPacket),
        Refused311("client id with a surrogate", $"10 < {Name311} 02 003C [ ED A0 80 ] >", ReasonCode.MalformedPacket),
        Refused500("client id above U+10FFFF", $"10 < {Name500} 02 003C 00 [ F4 90 80 80 ] >", ReasonCode.MalformedPacket),
        Refused500("client id with U+0000", $"10 < {Name500} 02 003C 00 [ 'a' 00 ] >", ReasonCode.MalformedPacket),
        Refused311("user name with U+0000", $"10 < {Name311} 82 003C ['c'] [ 00 ] >", ReasonCode.MalformedPacket),
        Refused311("user name cut within a character", $"10 < {Name311} 82 003C ['c'] [ C3 ] >", ReasonCode.MalformedPacket),
        Refused311("will topic is not UTF-8", $"10 < {Name311} 06 003C ['c'] [ FE ] [] >", ReasonCode.MalformedPacket),
        Refused311("will topic is empty", $"10 < {Name311} 06 003C ['c'] [] [] >", ReasonCode.TopicNameInvalid),
        Refused311("will topic with #", $"10 < {Name311} 06 003C ['c'] ['a/#'] [] >", ReasonCode.TopicNameInvalid),
        Refused500("will topic with +", $"10 < {Name500} 06 003C 00 ['c'] 00 ['+/a'] [] >", ReasonCode.TopicNameInvalid),

        // Properties.
        Refused500("property length is missing", $"10 < {Name500} 02 003C >", ReasonCode.MalformedPacket),
        Refused500("property length beyond the packet", $"10 < {Name500} 02 003C 7F ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property length not minimal", $"10 < {Name500} 02 003C 80 00 ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property length of five bytes", $"10 < {Name500} 02 003C 80 80 80 80 00 ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property cut by the property length", $"10 < {Name500} 02 003C 03 11 0000000A ['c'] >", ReasonCode.MalformedPacket),
        Refused500("unknown property", $"10 < {Name500} 02 003C < 7F 00 > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property 0", $"10 < {Name500} 02 003C < 00 00 > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property identifier of two bytes", $"10 < {Name500} 02 003C < 91 02 0000000A > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property identifier not minimal", $"10 < {Name500} 02 003C < 91 00 0000000A > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("property of another packet", $"10 < {Name500} 02 003C < 23 0001 > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("will property outside of the will", $"10 < {Name500} 02 003C < 18 00000001 > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("connect property in the will", $"10 < {Name500} 06 003C 00 ['c'] < 11 00000001 > ['w'] [] >", ReasonCode.MalformedPacket),
        Refused500("topic alias in the will", $"10 < {Name500} 06 003C 00 ['c'] < 23 0001 > ['w'] [] >", ReasonCode.MalformedPacket),
        Refused500("session expiry twice", $"10 < {Name500} 02 003C < 11 00000001 11 00000001 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("receive maximum twice", $"10 < {Name500} 02 003C < 21 0001 21 0001 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("receive maximum 0", $"10 < {Name500} 02 003C < 21 0000 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("maximum packet size twice", $"10 < {Name500} 02 003C < 27 00000001 27 00000001 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("maximum packet size 0", $"10 < {Name500} 02 003C < 27 00000000 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("topic alias maximum twice", $"10 < {Name500} 02 003C < 22 0001 22 0001 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("request response information twice", $"10 < {Name500} 02 003C < 19 01 19 01 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("request response information 2", $"10 < {Name500} 02 003C < 19 02 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("request problem information twice", $"10 < {Name500} 02 003C < 17 01 17 01 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("request problem information 2", $"10 < {Name500} 02 003C < 17 02 > ['c'] >", ReasonCode.ProtocolError),
        Refused500("authentication method twice", $"10 < {Name500} 02 003C < 15 ['m'] 15 ['m'] > ['c'] >", ReasonCode.ProtocolError),
        Refused500("authentication data twice", $"10 < {Name500} 02 003C < 15 ['m'] 16 [] 16 [] > ['c'] >", ReasonCode.ProtocolError),
        Refused500("authentication data without method", $"10 < {Name500} 02 003C < 16 [ 01 ] > ['c'] >", ReasonCode.ProtocolError),
        Refused500("user property is not UTF-8", $"10 < {Name500} 02 003C < 26 ['k'] [ 80 ] > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("user property without value", $"10 < {Name500} 02 003C < 26 ['k'] > ['c'] >", ReasonCode.MalformedPacket),
        Refused500("will delay twice", $"10 < {Name500} 06 003C 00 ['c'] < 18 00000001 18 00000001 > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will payload format 2", $"10 < {Name500} 06 003C 00 ['c'] < 01 02 > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will payload format twice", $"10 < {Name500} 06 003C 00 ['c'] < 01 01 01 01 > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will message expiry twice", $"10 < {Name500} 06 003C 00 ['c'] < 02 00000001 02 00000001 > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will content type twice", $"10 < {Name500} 06 003C 00 ['c'] < 03 [] 03 [] > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will response topic twice", $"10 < {Name500} 06 003C 00 ['c'] < 08 ['r'] 08 ['r'] > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will response topic with a wildcard", $"10 < {Name500} 06 003C 00 ['c'] < 08 ['r/#'] > ['w'] [] >", ReasonCode.ProtocolError),
        Refused500("will correlation data twice", $"10 < {Name500} 06 003C 00 ['c'] < 09 [] 09 [] > ['w'] [] >", ReasonCode.ProtocolError),
    ];
}
