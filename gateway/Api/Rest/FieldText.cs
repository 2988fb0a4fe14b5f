using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace IotPlatform.Api.Rest;

/// <summary>Fields as texts: in paths, in queries, and in what a caller is told about them.</summary>
internal static class FieldText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Finds a field by its JSON name, or by its name in the contract.</summary>
    public static FieldDescriptor? FindField(this MessageDescriptor message, string name) =>
        message.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name) ?? message.FindFieldByName(name);

    /// <summary>Whether a path or a query can carry the field.</summary>
    public static bool IsText(this FieldDescriptor field) =>
        !field.IsMap && field.FieldType is not (FieldType.Message or FieldType.Group);

    /// <summary>Sets a field, or adds to a repeated one; false when the text is not of its type.</summary>
    public static bool TrySet(this FieldDescriptor field, IMessage message, string text)
    {
        if (Parse(field, text) is not { } value)
        {
            return false;
        }

        if (field.IsRepeated)
        {
            ((IList)field.Accessor.GetValue(message)).Add(value);
        }
        else
        {
            field.Accessor.SetValue(message, value);
        }

        return true;
    }

    /// <summary>What the field takes, as the end of a sentence.</summary>
    public static string Expectation(this FieldDescriptor field) => field.FieldType switch
    {
        _ when field.IsMap => $"an object, in which every value is {field.MessageType.FindFieldByNumber(2).Expectation()}",
        FieldType.String => "a string",
        FieldType.Bytes => "bytes in base64 (RFC 4648 section 4, padded)",
        FieldType.Bool => "true or false",
        FieldType.Float or FieldType.Double => "a number",
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => "a 32-bit integer",
        FieldType.UInt32 or FieldType.Fixed32 => "a 32-bit integer that is not negative",
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => "a 64-bit integer",
        FieldType.UInt64 or FieldType.Fixed64 => "a 64-bit integer that is not negative",
        FieldType.Enum => "one of " + string.Join(", ", field.EnumType.Values.Select(value => value.Name)),
        _ => $"a {field.MessageType.Name}",
    };

    private static object? Parse(FieldDescriptor field, string text) => field.FieldType switch
    {
        FieldType.String => text,
        FieldType.Bytes => ParseBytes(text),
        FieldType.Bool => text switch { "true" => true, "false" => false, _ => null },
        FieldType.Float => float.TryParse(text, NumberStyles.Float, Invariant, out var value) ? value : null,
        FieldType.Double => double.TryParse(text, NumberStyles.Float, Invariant, out var value) ? value : null,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => int.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out var value) ? value : null,
        FieldType.UInt32 or FieldType.Fixed32 => uint.TryParse(text, NumberStyles.None, Invariant, out var value) ? value : null,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => long.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out var value) ? value : null,
        FieldType.UInt64 or FieldType.Fixed64 => ulong.TryParse(text, NumberStyles.None, Invariant, out var value) ? value : null,
        FieldType.Enum => field.EnumType.FindValueByName(text) is { } value ? Enum.ToObject(field.EnumType.ClrType, value.Number) : null,
        _ => null,
    };

    private static ByteString? ParseBytes(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? ByteString.CopyFrom(bytes, 0, length) : null;
    }
}
