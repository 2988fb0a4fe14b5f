using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace IotPlatform.Api.Rest;

/// <summary>
/// Says which field of a refused body is wrong, and why. The parser's own errors do not name fields, so that its verdict is asked for again,
/// field by field; only refused requests pay for that.
/// </summary>
internal sealed class JsonFault(JsonParser parser)
{
    /// <summary>Whether an exception is the parser's verdict on its input.</summary>
    public static bool IsOfParser(Exception thrown) => thrown is InvalidProtocolBufferException or InvalidJsonException;

    /// <summary>The sentence for the caller.</summary>
    public string Describe(string json, MessageDescriptor message)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? FindInMessage(document.RootElement, message, "") ?? "The body does not have the form of the request."
                : "The body is not a JSON object.";
        }
        catch (JsonException malformed)
        {
            return $"The body is not JSON: line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}.";
        }
    }

    private string? FindInMessage(JsonElement value, MessageDescriptor message, string path)
    {
        foreach (var property in value.EnumerateObject())
        {
            var name = path + property.Name;
            var fault = message.FindField(property.Name) is { } field
                ? FindInField(property, field, name)
                : $"{name}: there is no such field.";
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private string? FindInField(JsonProperty property, FieldDescriptor field, string name)
    {
        if (field.IsRepeated && !field.IsMap)
        {
            return property.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Array => FindInArray(property.Value, field, name),
                _ => $"{name}: not an array.",
            };
        }

        return FindInValue(property.Value, field, name, property.Value.GetRawText());
    }

    private string? FindInArray(JsonElement array, FieldDescriptor field, string name)
    {
        var index = 0;
        foreach (var element in array.EnumerateArray())
        {
            if (FindInValue(element, field, $"{name}[{index++}]", $"[{element.GetRawText()}]") is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private string? FindInValue(JsonElement value, FieldDescriptor field, string name, string raw)
    {
        if (IsAccepted(field, raw))
        {
            return null;
        }

        var inner = field.FieldType is FieldType.Message && !field.IsMap && value.ValueKind is JsonValueKind.Object
            ? FindInMessage(value, field.MessageType, name + ".")
            : null;
        return inner ?? $"{name}: not {field.Expectation()}.";
    }

    private bool IsAccepted(FieldDescriptor field, string raw)
    {
        try
        {
            parser.Parse($"{{\"{field.JsonName}\":{raw}}}", field.ContainingType);
            return true;
        }
        catch (Exception refused) when (IsOfParser(refused))
        {
            return false;
        }
    }
}
