using System.Collections;
using System.Globalization;
using System.Reflection;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Tests.Support;

/// <summary>Spells a packet out, so that two can be compared and a difference can be read.</summary>
internal static class Dump
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        byte[] bytes when value.GetType() == typeof(byte[]) => Convert.ToHexString(bytes),
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        UserProperty or Enum or bool or IFormattable => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Of))}]",
        _ => $"{value.GetType().Name}({string.Join("; ", Properties(value))})",
    };

    private static IEnumerable<string> Properties(object value)
        => value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => $"{property.Name}={Of(property.GetValue(value))}");
}
