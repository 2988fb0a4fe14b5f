using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>SUBSCRIBE (section 3.8).</summary>
internal static class SubscribeTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid311(
            "3.1.1, spelled out",
            "82 08 (length 8) 00 0A (id 10) 00 03 61 2F 62 ('a/b') 01 (QoS 1)",
            Subscribe(10, new TopicSubscription("a/b", new SubscriptionOptions(QoS.AtLeastOnce)))),
        Valid311(
            "3.1.1 three filters",
            "82 < 0001 ['#'] 00 ['+/b/#'] 02 ['$SYS/+'] 01 >",
            Subscribe(
                1,
                new TopicSubscription("#", new SubscriptionOptions(QoS.AtMostOnce)),
                new TopicSubscription("+/b/#", new SubscriptionOptions(QoS.ExactlyOnce)),
                new TopicSubscription("$SYS/+", new SubscriptionOptions(QoS.AtLeastOnce)))),
        Valid311(
            "3.1.1 has no shared subscriptions, hence no wrong ones",
            "82 < 0001 ['$share/x'] 00 >",
            Subscribe(1, new TopicSubscription("$share/x", new SubscriptionOptions(QoS.AtMostOnce)))),
        Valid500(
            "5.0, spelled out",
            "82 09 (length 9) 00 0A (id 10) 00 (no properties) 00 03 61 2F 62 ('a/b') 2D (QoS 1, no local, retain as published, retain handling 2)",
            Subscribe(10, new TopicSubscription("a/b", new SubscriptionOptions(QoS.AtLeastOnce, true, true, RetainHandling.DoNotSend)))),
        Valid500(
            "5.0 each option alone",
            "82 < 0001 00 ['a'] 00 ['b'] 02 ['c'] 04 ['d'] 08 ['e'] 10 ['f'] 20 >",
            Subscribe(
                1,
                new TopicSubscription("a", new SubscriptionOptions(QoS.AtMostOnce)),
                new TopicSubscription("b", new SubscriptionOptions(QoS.ExactlyOnce)),
                new TopicSubscription("c", new SubscriptionOptions(QoS.AtMostOnce, NoLocal: true)),
                new TopicSubscription("d", new SubscriptionOptions(QoS.AtMostOnce, RetainAsPublished: true)),
                new TopicSubscription("e", new SubscriptionOptions(QoS.AtMostOnce, RetainHandling: RetainHandling.SendIfNew)),
                new TopicSubscription("f", new SubscriptionOptions(QoS.AtMostOnce, RetainHandling: RetainHandling.DoNotSend)))),
        Valid500(
            "5.0 with every property, shared",
            "82 < FFFF < 0B FFFFFF7F 26 ['k'] ['v'] > ['$share/g/a/+/#'] 01 >",
            new SubscribePacket
            {
                PacketId = ushort.MaxValue,
                SubscriptionIdentifier = 268_435_455,
                UserProperties = [new UserProperty("k", "v")],
                Subscriptions = [new TopicSubscription("$share/g/a/+/#", new SubscriptionOptions(QoS.AtLeastOnce))],
            }),
        Valid500(
            "5.0 a filter that only looks shared",
            "82 < 0001 00 ['$share'] 04 ['$shared/a'] 04 >",
            Subscribe(
                1,
                new TopicSubscription("$share", new SubscriptionOptions(QoS.AtMostOnce, NoLocal: true)),
                new TopicSubscription("$shared/a", new SubscriptionOptions(QoS.AtMostOnce, NoLocal: true)))),

        Refused311("packet id 0", "82 < 0000 ['a'] 00 >", ReasonCode.ProtocolError),
        Refused500("packet id 0 in 5.0", "82 < 0000 00 ['a'] 00 >", ReasonCode.ProtocolError),
        Refused311("no filter", "82 < 0001 >", ReasonCode.ProtocolError),
        Refused500("no filter in 5.0", "82 < 0001 00 >", ReasonCode.ProtocolError),
        Refused311("empty body", "82 00", ReasonCode.MalformedPacket),
        Refused311("filter without options", "82 < 0001 ['a'] >", ReasonCode.MalformedPacket),
        Refused311("second filter without options", "82 < 0001 ['a'] 00 ['b'] >", ReasonCode.MalformedPacket),
        Refused311("filter cut off", "82 < 0001 0005 'a' 00 >", ReasonCode.MalformedPacket),
        Refused311("QoS 3", "82 < 0001 ['a'] 03 >", ReasonCode.MalformedPacket),
        Refused500("QoS 3 in 5.0", "82 < 0001 00 ['a'] 03 >", ReasonCode.ProtocolError),
        Refused311("options of 5.0 in 3.1.1", "82 < 0001 ['a'] 04 >", ReasonCode.MalformedPacket),
        Refused311("reserved bit in 3.1.1", "82 < 0001 ['a'] 81 >", ReasonCode.MalformedPacket),
        Refused500("reserved bit 6", "82 < 0001 00 ['a'] 40 >", ReasonCode.MalformedPacket),
        Refused500("reserved bit 7", "82 < 0001 00 ['a'] 80 >", ReasonCode.MalformedPacket),
        Refused500("retain handling 3", "82 < 0001 00 ['a'] 30 >", ReasonCode.ProtocolError),
        Refused500("no local on a shared subscription", "82 < 0001 00 ['$share/g/a'] 04 >", ReasonCode.ProtocolError),
        Refused311("empty filter", "82 < 0001 [] 00 >", ReasonCode.TopicFilterInvalid),
        Refused311("# not last", "82 < 0001 ['a/#/b'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused311("# not alone", "82 < 0001 ['a/b#'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("## in a level", "82 < 0001 00 ['##'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused311("+ not alone", "82 < 0001 ['a+/b'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("++ in a level", "82 < 0001 00 ['a/++'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("second filter invalid", "82 < 0001 00 ['a'] 00 ['#/'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared without filter", "82 < 0001 00 ['$share/g'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared with an empty filter", "82 < 0001 00 ['$share/g/'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared with an empty name", "82 < 0001 00 ['$share//a'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared with nothing", "82 < 0001 00 ['$share/'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared with + in the name", "82 < 0001 00 ['$share/g+/a'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared with # as the name", "82 < 0001 00 ['$share/#/a'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused500("shared with an invalid filter", "82 < 0001 00 ['$share/g/a/#/b'] 00 >", ReasonCode.TopicFilterInvalid),
        Refused311("filter is not UTF-8", "82 < 0001 [ FF ] 00 >", ReasonCode.MalformedPacket),
        Refused500("filter with U+0000", "82 < 0001 00 [ 'a' 00 ] 00 >", ReasonCode.MalformedPacket),
        Refused500("subscription identifier 0", "82 < 0001 < 0B 00 > ['a'] 00 >", ReasonCode.ProtocolError),
        Refused500("subscription identifier twice", "82 < 0001 < 0B 01 0B 02 > ['a'] 00 >", ReasonCode.ProtocolError),
        Refused500("property of another packet", "82 < 0001 < 1F ['r'] > ['a'] 00 >", ReasonCode.MalformedPacket),
        Refused500("property length missing", "82 < 0001 >", ReasonCode.MalformedPacket),
    ];

    private static SubscribePacket Subscribe(ushort packetId, params TopicSubscription[] subscriptions)
        => new() { PacketId = packetId, Subscriptions = subscriptions };
}
