using System.Globalization;
using System.Text;

namespace IotPlatform.Mqtt.Tests.Support;

/// <summary>
/// Annotated bytes: hex digits in pairs, 'text' as UTF-8, &lt;…&gt; with a variable byte integer in front that counts its bytes, […] with a two-byte
/// length in front, (…) a comment.
/// </summary>
internal static class Notation
{
    public static byte[] Bytes(string notation)
    {
        var position = 0;
        var bytes = Read(notation, ref position, '\0');
        return position == notation.Length ? bytes : throw new FormatException($"unbalanced at {position}: {notation}");
    }

    private static byte[] Read(string notation, ref int position, char end)
    {
        var bytes = new List<byte>();
        while (position < notation.Length && notation[position] != end)
        {
            var next = notation[position++];
            switch (next)
            {
                case ' ' or '\r' or '\n':
                    break;
                case '<':
                    var block = Read(notation, ref position, '>');
                    bytes.AddRange(VariableInteger(block.Length));
                    bytes.AddRange(block);
                    position++;
                    break;
                case '[':
                    var field = Read(notation, ref position, ']');
                    bytes.AddRange([(byte)(field.Length >> 8), (byte)field.Length]);
                    bytes.AddRange(field);
                    position++;
                    break;
                case '\'':
                    bytes.AddRange(Encoding.UTF8.GetBytes(Until(notation, ref position, '\'')));
                    break;
                case '(':
                    Until(notation, ref position, ')');
                    break;
                default:
                    bytes.Add(byte.Parse(notation.AsSpan(position++ - 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    break;
            }
        }

        return [.. bytes];
    }

    private static string Until(string notation, ref int position, char end)
    {
        var start = position;
        position = notation.IndexOf(end, start) + 1;
        return notation[start..(position - 1)];
    }

    // Written apart from the library's own encoder, which is under test.
    private static List<byte> VariableInteger(int value)
    {
        var bytes = new List<byte>();
        do
        {
            var digit = value % 128;
            value /= 128;
            bytes.Add((byte)(value > 0 ? digit + 128 : digit));
        }
        while (value > 0);

        return bytes;
    }
}
