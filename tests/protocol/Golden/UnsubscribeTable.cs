using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>UNSUBSCRIBE (section 3.10).</summary>
internal static class UnsubscribeTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid311(
            "3.1.1, spelled out",
            "A2 0A (length 10) 00 0A (id 10) 00 03 61 2F 62 ('a/b') 00 01 23 ('#')",
            new UnsubscribePacket { PacketId = 10, Filters = ["a/b", "#"] }),
        Valid500(
            "5.0 with user properties, shared",
            "A2 < 0001 < 26 ['k'] ['v'] > ['$share/g/a'] >",
            new UnsubscribePacket { PacketId = 1, UserProperties = [new UserProperty("k", "v")], Filters = ["$share/g/a"] }),
        Valid500("5.0 without properties", "A2 < 0001 00 ['a'] >", new UnsubscribePacket { PacketId = 1, Filters = ["a"] }),

        Refused311("packet id 0", "A2 < 0000 ['a'] >", ReasonCode.ProtocolError),
        Refused311("no filter", "A2 < 0001 >", ReasonCode.ProtocolError),
        Refused500("no filter in 5.0", "A2 < 0001 00 >", ReasonCode.ProtocolError),
        Refused500("property length missing", "A2 < 0001 >", ReasonCode.MalformedPacket),
        Refused311("filter cut off", "A2 < 0001 0002 'a' >", ReasonCode.MalformedPacket),
        Refused311("one byte left over", "A2 < 0001 ['a'] 00 >", ReasonCode.MalformedPacket),
        Refused311("empty filter", "A2 < 0001 [] >", ReasonCode.TopicFilterInvalid),
        Refused311("# not last", "A2 < 0001 ['#/a'] >", ReasonCode.TopicFilterInvalid),
        Refused500("shared without filter", "A2 < 0001 00 ['$share/g'] >", ReasonCode.TopicFilterInvalid),
        Refused311("filter is not UTF-8", "A2 < 0001 [ C1 BF ] >", ReasonCode.MalformedPacket),
        Refused500("subscription identifier", "A2 < 0001 < 0B 01 > ['a'] >", ReasonCode.MalformedPacket),
    ];
}
