using IotPlatform.Mqtt.Tests.Support;
using static IotPlatform.Mqtt.Tests.Golden.GoldenRow;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>First bytes and Remaining Lengths, spelled out byte by byte (sections 2.1.1 to 2.1.4).</summary>
internal static class FrameTable
{
    public static readonly GoldenRow[] Rows =
    [
        Valid311("length of one byte, largest", "30 7F 00 01 61" + Zeros(124), Publish(124)),
        Valid311("length of two bytes, smallest", "30 80 01 00 01 61" + Zeros(125), Publish(125)),
        Valid311("length of two bytes, largest", "30 FF 7F 00 01 61" + Zeros(16380), Publish(16380)),
        Valid311("length of three bytes, smallest", "30 80 80 01 00 01 61" + Zeros(16381), Publish(16381)),
        Refused311("type 0 is reserved", "00 00", ReasonCode.MalformedPacket),
        Refused500("type 0 is reserved in 5.0", "00 00", ReasonCode.MalformedPacket),
        Refused311("length not minimal, two bytes for 0", "C0 80 00", ReasonCode.MalformedPacket),
        Refused500("length not minimal, three bytes for 1", "30 81 80 00 00", ReasonCode.MalformedPacket),
        Refused311("length of five bytes", "30 80 80 80 80 01", ReasonCode.MalformedPacket),
        Refused500("length without an end", "30 FF FF FF FF", ReasonCode.MalformedPacket),
        .. WrongFlags(),
    ];

    // [MQTT-2.1.3-1] ([MQTT-2.2.2-2] in 3.1.1): every flag combination that the table of section 2.1.3 does not list.
    private static IEnumerable<GoldenRow> WrongFlags()
    {
        foreach (var type in Enum.GetValues<PacketType>())
        {
            for (var flags = 0; flags < 16; flags++)
            {
                if (!IsListed(type, flags))
                {
                    yield return Refused500($"{type} with flags {flags:b4}", $"{(byte)type:X}{flags:X} 00", ReasonCode.MalformedPacket);
                }
            }
        }
    }

    private static bool IsListed(PacketType type, int flags) => type switch
    {
        PacketType.Publish => flags is 0b0000 or 0b0001 or 0b0010 or 0b0011 or 0b0100 or 0b0101 or 0b1010 or 0b1011 or 0b1100 or 0b1101,
        PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe => flags == 0b0010,
        _ => flags == 0,
    };

    private static string Zeros(int count) => string.Concat(Enumerable.Repeat("00", count));

    private static PublishValue Publish(int payloadLength) => new() { Topic = "a", Payload = new byte[payloadLength] };
}
