using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Tests.Support;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>PUBLISH (section 3.3).</summary>
internal static class PublishTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid311(
            "3.1.1 QoS 0, spelled out",
            "30 07 (length 7) 00 03 61 2F 62 ('a/b') 68 69 ('hi')",
            new PublishValue { Topic = "a/b", Payload = "hi"u8.ToArray() }),
        Valid311("3.1.1 QoS 0, retain, empty payload", "31 < ['a/b'] >", new PublishValue { Topic = "a/b", Retain = true }),
        Valid311(
            "3.1.1 QoS 1",
            "32 < ['a/b'] 000A 'hi' >",
            new PublishValue { Topic = "a/b", QoS = QoS.AtLeastOnce, PacketId = 10, Payload = "hi"u8.ToArray() }),
        Valid311(
            "3.1.1 QoS 1, again",
            "3A < ['a/b'] FFFF 00 >",
            new PublishValue { Topic = "a/b", QoS = QoS.AtLeastOnce, Dup = true, PacketId = ushort.MaxValue, Payload = [0] }),
        Valid311(
            "3.1.1 QoS 2, again, retain",
            "3D < ['a'] 0001 >",
            new PublishValue { Topic = "a", QoS = QoS.ExactlyOnce, Dup = true, Retain = true, PacketId = 1 }),
        Valid311("3.1.1 topic of separators", "30 < ['//'] >", new PublishValue { Topic = "//" }),
        Valid311("3.1.1 topic with a space and a dollar sign", "30 < ['$SYS/a b'] >", new PublishValue { Topic = "$SYS/a b" }),
        Valid311("3.1.1 topic beyond ASCII", "30 < [ 'a/' E6B8A9 F09F8CA1 ] >", new PublishValue { Topic = "a/温🌡" }),
        Valid311("3.1.1 topic with a byte order mark", "30 < [ EFBBBF 'a' ] >", new PublishValue { Topic = "\uFEFFa" }),
        Valid500(
            "5.0 QoS 0, spelled out",
            "30 08 (length 8) 00 03 61 2F 62 ('a/b') 00 (no properties) 68 69 ('hi')",
            new PublishValue { Topic = "a/b", Payload = "hi"u8.ToArray() }),
        Valid500(
            "5.0 QoS 2 with every property of a client",
            "34 < ['a/b'] 0102 < 01 01 02 0000003C 03 ['text/plain'] 08 ['r/t'] 09 [ 00 FF ] 23 0007 26 ['k'] ['v'] 26 ['k'] [] > 'hi' >",
            new PublishValue
            {
                Topic = "a/b",
                QoS = QoS.ExactlyOnce,
                PacketId = 0x0102,
                PayloadFormatIndicator = true,
                MessageExpiryInterval = 60,
                ContentType = "text/plain",
                ResponseTopic = "r/t",
                CorrelationData = [0, 255],
                TopicAlias = 7,
                UserProperties = [new UserProperty("k", "v"), new UserProperty("k", "")],
                Payload = "hi"u8.ToArray(),
            }),
        Valid500(
            "5.0 subscription identifiers of a server",
            "30 < ['a'] < 0B 01 0B FFFFFF7F 0B 8001 > >",
            new PublishValue { Topic = "a", SubscriptionIdentifiers = [1, 268_435_455, 128] },
            Sender.Server),
        Valid500("5.0 alias in the place of a topic", "30 < [] < 23 FFFF > 'x' >", new PublishValue { TopicAlias = ushort.MaxValue, Payload = "x"u8.ToArray() }),
        Valid500(
            "5.0 empty content type and correlation data are present",
            "30 < ['a'] < 03 [] 09 [] > >",
            new PublishValue { Topic = "a", ContentType = "", CorrelationData = [] }),
        Valid500(
            "5.0 user properties around others",
            "30 < ['a'] < 26 ['k'] ['1'] 01 00 26 ['k'] ['2'] > >",
            new PublishValue { Topic = "a", PayloadFormatIndicator = false, UserProperties = [new UserProperty("k", "1"), new UserProperty("k", "2")] },
            canonical: "30 < ['a'] < 01 00 26 ['k'] ['1'] 26 ['k'] ['2'] > >"),

        Refused311("empty body", "30 00", ReasonCode.MalformedPacket),
        Refused311("topic cut off", "30 < 0003 'a' >", ReasonCode.MalformedPacket),
        Refused311("topic length cut off", "30 < 00 >", ReasonCode.MalformedPacket),
        Refused311("packet id cut off", "32 < ['a'] 00 >", ReasonCode.MalformedPacket),
        Refused311("packet id missing", "32 < ['a'] >", ReasonCode.MalformedPacket),
        Refused311("packet id 0 with QoS 1", "32 < ['a'] 0000 >", ReasonCode.ProtocolError),
        Refused500("packet id 0 with QoS 2", "34 < ['a'] 0000 00 >", ReasonCode.ProtocolError),
        Refused311("QoS 3", "36 < ['a'] 0001 >", ReasonCode.MalformedPacket),
        Refused500("QoS 3 in 5.0", "36 < ['a'] 0001 00 >", ReasonCode.MalformedPacket),
        Refused311("DUP with QoS 0", "38 < ['a'] >", ReasonCode.MalformedPacket),
        Refused500("DUP with QoS 0 in 5.0", "38 < ['a'] 00 >", ReasonCode.MalformedPacket),
        Refused311("empty topic", "30 < [] 'x' >", ReasonCode.TopicNameInvalid),
        Refused500("empty topic without alias", "30 < [] 00 'x' >", ReasonCode.ProtocolError),
        Refused311("topic with +", "30 < ['a/+'] >", ReasonCode.TopicNameInvalid),
        Refused311("topic with #", "30 < ['#'] >", ReasonCode.TopicNameInvalid),
        Refused500("topic with + inside a level", "30 < ['a+b'] 00 >", ReasonCode.TopicNameInvalid),
        Refused500("topic with # inside a level", "30 < ['a#b/c'] 00 >", ReasonCode.TopicNameInvalid),
        Refused500("topic with a wildcard and an alias", "30 < ['a/#'] < 23 0001 > >", ReasonCode.TopicNameInvalid),
        Refused311("topic is not UTF-8", "30 < [ 'a' FF ] >", ReasonCode.MalformedPacket),
        Refused311("topic with U+0000", "30 < [ 'a' 00 'b' ] >", ReasonCode.MalformedPacket),
        Refused500("topic with a surrogate", "30 < [ ED BF BF ] 00 >", ReasonCode.MalformedPacket),
        Refused500("topic with a surrogate pair (CESU-8)", "30 < [ EDA081 EDB080 ] 00 >", ReasonCode.MalformedPacket),
        Refused500("property length missing", "30 < ['a'] >", ReasonCode.MalformedPacket),
        Refused500("property length beyond the packet", "30 < ['a'] 05 01 01 >", ReasonCode.MalformedPacket),
        Refused500("property length not minimal", "30 < ['a'] 8000 >", ReasonCode.MalformedPacket),
        Refused500("property without value", "30 < ['a'] < 01 > >", ReasonCode.MalformedPacket),
        Refused500("four-byte property cut off", "30 < ['a'] < 02 000000 > >", ReasonCode.MalformedPacket),
        Refused500("text property cut off", "30 < ['a'] < 03 0005 'text' > >", ReasonCode.MalformedPacket),
        Refused500("topic alias 0", "30 < ['a'] < 23 0000 > >", ReasonCode.TopicAliasInvalid),
        Refused500("topic alias twice", "30 < ['a'] < 23 0001 23 0001 > >", ReasonCode.ProtocolError),
        Refused500("payload format 2", "30 < ['a'] < 01 02 > >", ReasonCode.ProtocolError),
        Refused500("payload format twice", "30 < ['a'] < 01 01 01 01 > >", ReasonCode.ProtocolError),
        Refused500("message expiry twice", "30 < ['a'] < 02 00000001 02 00000002 > >", ReasonCode.ProtocolError),
        Refused500("content type twice", "30 < ['a'] < 03 ['t'] 03 ['t'] > >", ReasonCode.ProtocolError),
        Refused500("content type is not UTF-8", "30 < ['a'] < 03 [ C3 28 ] > >", ReasonCode.MalformedPacket),
        Refused500("response topic twice", "30 < ['a'] < 08 ['r'] 08 ['r'] > >", ReasonCode.ProtocolError),
        Refused500("response topic with +", "30 < ['a'] < 08 ['r/+'] > >", ReasonCode.ProtocolError),
        Refused500("response topic with #", "30 < ['a'] < 08 ['#'] > >", ReasonCode.ProtocolError),
        Refused500("response topic is empty", "30 < ['a'] < 08 [] > >", ReasonCode.ProtocolError),
        Refused500("correlation data twice", "30 < ['a'] < 09 [] 09 [] > >", ReasonCode.ProtocolError),
        Refused500("user property name is not UTF-8", "30 < ['a'] < 26 [ 80 ] ['v'] > >", ReasonCode.MalformedPacket),
        Refused500("subscription identifier of a client", "30 < ['a'] < 0B 01 > >", ReasonCode.ProtocolError),
        Refused500("subscription identifier 0", "30 < ['a'] < 0B 00 > >", ReasonCode.ProtocolError, Sender.Server),
        Refused500("subscription identifier not minimal", "30 < ['a'] < 0B 8100 > >", ReasonCode.MalformedPacket, Sender.Server),
        Refused500("subscription identifier of five bytes", "30 < ['a'] < 0B 8080808001 > >", ReasonCode.MalformedPacket, Sender.Server),
        Refused500("property of CONNECT", "30 < ['a'] < 11 00000001 > >", ReasonCode.MalformedPacket),
        Refused500("will delay", "30 < ['a'] < 18 00000001 > >", ReasonCode.MalformedPacket),
        Refused500("reason string", "30 < ['a'] < 1F ['r'] > >", ReasonCode.MalformedPacket),
    ];
}
