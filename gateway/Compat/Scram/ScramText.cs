using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace IotPlatform.Compat.Scram;

/// <summary>The characters of SCRAM messages (RFC 5802 section 7).</summary>
internal static class ScramText
{
    // printable = %x21-2B / %x2D-7E
    private static readonly SearchValues<char> Printable =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x21 + 1).Select(static code => (char)code).Where(static character => character != ',')]);

    /// <summary>Well-formed UTF-8 without U+0000.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> message, out string text)
    {
        var isText = Utf8.IsValid(message) && !message.Contains((byte)0);
        text = isText ? Encoding.UTF8.GetString(message) : "";
        return isText;
    }

    public static bool IsNonce(ReadOnlySpan<char> value, int lengthMax) => value.Length > 0 && value.Length <= lengthMax && !value.ContainsAnyExcept(Printable);

    /// <summary><c>saslname</c>: a comma is written <c>=2C</c> and an equals sign <c>=3D</c>; no other equals sign may be there.</summary>
    public static bool TryDecodeName(ReadOnlySpan<char> value, out string name)
    {
        var decoded = new StringBuilder(value.Length);
        while (value.IndexOf('=') is >= 0 and var escape)
        {
            decoded.Append(value[..escape]);
            value = value[escape..];
            if (!value.StartsWith("=2C", StringComparison.Ordinal) && !value.StartsWith("=3D", StringComparison.Ordinal))
            {
                name = "";
                return false;
            }

            decoded.Append(value[1] == '2' ? ',' : '=');
            value = value[3..];
        }

        name = decoded.Append(value).ToString();
        return name.Length > 0;
    }
}
