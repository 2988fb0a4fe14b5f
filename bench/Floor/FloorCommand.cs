using System.Buffers.Text;

namespace IotPlatform.Bench.Floor;

/// <summary>One control line: <c>broadcast {productKey} {count of messages} {QoS} {payload bytes}</c>. The floor has one product, so its key is not looked at.</summary>
internal readonly record struct FloorCommand(int Count, int Qos, int PayloadBytes)
{
    public const int PayloadBytesMax = 64 * 1024;

    public static bool TryParse(ReadOnlySpan<byte> line, out FloorCommand command)
    {
        command = default;
        if (!line.StartsWith("broadcast "u8))
        {
            return false;
        }

        var arguments = line["broadcast "u8.Length..];
        var countAt = arguments.IndexOf((byte)' ') + 1;
        var qosAt = countAt + arguments[countAt..].IndexOf((byte)' ') + 1;
        var payloadAt = arguments.LastIndexOf((byte)' ') + 1;
        if (!Utf8Parser.TryParse(arguments[countAt..], out int count, out _)
            || !Utf8Parser.TryParse(arguments[qosAt..], out int qos, out _)
            || !Utf8Parser.TryParse(arguments[payloadAt..], out int payloadBytes, out _))
        {
            return false;
        }

        command = new FloorCommand(count, qos, payloadBytes);
        return count > 0 && qos is 0 or 1 && payloadBytes is >= PayloadPattern.BytesMin and <= PayloadBytesMax;
    }
}
