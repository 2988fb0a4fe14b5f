using System.Buffers.Text;

namespace IotPlatform.Bench.Load;

/// <summary>Reads the decimal number that a text starts with.</summary>
internal static class LeadingNumber
{
    public static long Of(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out _) ? value : throw new InvalidDataException("A server's answer lacks a number where one must stand.");
}
