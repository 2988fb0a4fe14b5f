using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IotPlatform.Bench.Load;

/// <summary>Reads the receipt in a REST answer: proto3 JSON, in which 64-bit numbers are strings and zeros may be left out.</summary>
internal static class ReceiptJson
{
    public static Receipt Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var numbers = new Dictionary<string, ulong>(StringComparer.Ordinal);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                var name = reader.GetString()!;
                reader.Read();
                AddNumber(ref reader, name, numbers);
            }
        }

        return new Receipt(
            numbers.GetValueOrDefault("messageId"),
            (long)numbers.GetValueOrDefault("targeted"),
            (long)numbers.GetValueOrDefault("written"),
            (long)numbers.GetValueOrDefault("dropped"),
            (long)numbers.GetValueOrDefault("unknown"));
    }

    private static void AddNumber(ref Utf8JsonReader reader, string name, Dictionary<string, ulong> numbers)
    {
        var text = reader.TokenType is JsonTokenType.String or JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : "";
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            numbers[name] = number;
        }
        else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            reader.Skip();
        }
    }
}
