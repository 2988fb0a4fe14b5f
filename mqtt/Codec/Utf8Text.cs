using System.Text;
using System.Text.Unicode;

namespace IotPlatform.Mqtt.Codec;

/// <summary>The rules of a UTF-8 Encoded String (section 1.5.4; 1.5.3 in 3.1.1).</summary>
public static class Utf8Text
{
    /// <summary>The longest string: its length is a two-byte integer.</summary>
    public const int BytesMax = ushort.MaxValue;

    /// <summary>Strict both ways: text that cannot be expressed in UTF-8 throws instead of being replaced. A byte order mark is kept [MQTT-1.5.4-3].</summary>
    internal static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether the bytes are well-formed UTF-8 without surrogates [MQTT-1.5.4-1] and without U+0000 [MQTT-1.5.4-2].</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8) => !utf8.Contains((byte)0) && Utf8.IsValid(utf8);

    /// <summary>Bytes of the text in UTF-8, without the length in front.</summary>
    /// <exception cref="ArgumentException">The text holds U+0000 or a lone surrogate, or is longer than <see cref="BytesMax"/>.</exception>
    public static int Size(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains('\0'))
        {
            throw new ArgumentException("MQTT text must not contain U+0000.", nameof(text));
        }

        var size = Encoding.GetByteCount(text);
        return size <= BytesMax ? size : throw new ArgumentException("MQTT text must not be longer than 65,535 bytes.", nameof(text));
    }
}
