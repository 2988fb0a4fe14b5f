using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace IotPlatform.Api.Rest;

/// <summary>Decodes a part of a path once. [RFC 3986 2.1]</summary>
internal static class PercentDecoding
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes; false when a per cent sign has no two hexadecimal digits, or the bytes are not UTF-8.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = text;
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return true;
        }

        decoded = TryDecodeBytes(text, out var utf8) ? ReadUtf8(utf8) : null;
        return decoded is not null;
    }

    private static bool TryDecodeBytes(ReadOnlySpan<char> text, out ArrayBufferWriter<byte> utf8)
    {
        utf8 = new ArrayBufferWriter<byte>(text.Length);
        while (!text.IsEmpty)
        {
            var plain = text.IndexOf('%');
            plain = plain < 0 ? text.Length : plain;
            Encoding.UTF8.GetBytes(text[..plain], utf8);
            text = text[plain..];
            if (!text.IsEmpty && !TryTakeOctet(ref text, utf8))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryTakeOctet(ref ReadOnlySpan<char> text, IBufferWriter<byte> utf8)
    {
        Span<byte> octet = stackalloc byte[1];
        if (text.Length < 3 || Convert.FromHexString(text[1..3], octet, out _, out _) != OperationStatus.Done)
        {
            return false;
        }

        utf8.Write(octet);
        text = text[3..];
        return true;
    }

    private static string? ReadUtf8(ArrayBufferWriter<byte> utf8)
    {
        try
        {
            return Strict.GetString(utf8.WrittenSpan);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
