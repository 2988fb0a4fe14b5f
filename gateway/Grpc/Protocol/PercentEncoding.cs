using System.Buffers;
using System.Text;

namespace IotPlatform.Grpc.Protocol;

/// <summary>The form of <c>grpc-message</c>: UTF-8 with every byte but <c>0x20</c> to <c>0x7E</c>, and with the per cent sign, as <c>%XX</c>. [PROTOCOL-HTTP2 Percent-Encoded]</summary>
internal static class PercentEncoding
{
    // A longer message is cut: encoded it may triple three times over, and clients refuse header blocks over 8 KiB.
    private const int CharsMax = 800;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%')]);

    /// <summary>Encodes a message for the wire.</summary>
    public static string Encode(string message)
    {
        var text = message.AsSpan(0, Math.Min(message.Length, CharsMax));
        if (!text.ContainsAnyExcept(Plain))
        {
            return text.Length == message.Length ? message : text.ToString();
        }

        return EncodeBytes(Encoding.UTF8.GetBytes(text.ToArray()));
    }

    private static string EncodeBytes(ReadOnlySpan<byte> utf8)
    {
        var encoded = new StringBuilder(utf8.Length * 2);
        foreach (var octet in utf8)
        {
            if (Plain.Contains((char)octet))
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append('%').Append(octet.ToString("X2", null));
            }
        }

        return encoded.ToString();
    }
}
