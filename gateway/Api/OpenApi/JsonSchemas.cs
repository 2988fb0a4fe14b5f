using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.OpenApi;

namespace IotPlatform.Api.OpenApi;

/// <summary>The schemas of messages in their JSON form. [protobuf.dev/programming-guides/json]</summary>
internal sealed class JsonSchemas(OpenApiDocument document)
{
    private const string DurationPattern = @"^-?[0-9]+(\.[0-9]{1,9})?s$";

    private readonly HashSet<string> _defined = [];

    /// <summary>Refers to a message's schema, which becomes a component of the document.</summary>
    public IOpenApiSchema Of(MessageDescriptor message)
    {
        if (message.FullName == Timestamp.Descriptor.FullName)
        {
            return new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
        }

        if (message.FullName == Duration.Descriptor.FullName)
        {
            // Seconds with an s behind them: not what the format "duration" of JSON Schema means.
            return new OpenApiSchema { Type = JsonSchemaType.String, Pattern = DurationPattern };
        }

        // Added before its fields are looked at: a message may hold itself.
        var name = NameOf(message);
        if (_defined.Add(name))
        {
            document.AddComponent(name, Object(message.Fields.InDeclarationOrder()));
        }

        return new OpenApiSchemaReference(name, document);
    }

    // A message may be named as another one is within which it does not stand.
    private static string NameOf(MessageDescriptor message) =>
        message.ContainingType is { } outer ? $"{NameOf(outer)}.{message.Name}" : message.Name;

    /// <summary>An object of these fields.</summary>
    public OpenApiSchema Object(IEnumerable<FieldDescriptor> fields) => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalPropertiesAllowed = false,
        Properties = fields.ToDictionary(field => field.JsonName, Of),
    };

    /// <summary>The schema of a field.</summary>
    public IOpenApiSchema Of(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = OfValue(field.MessageType.FindFieldByNumber(2)) };
        }

        return field.IsRepeated ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = OfValue(field) } : OfValue(field);
    }

    private IOpenApiSchema OfValue(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => Of(field.MessageType),
        FieldType.Enum => OfEnum(field.EnumType),
        FieldType.String => new OpenApiSchema { Type = JsonSchemaType.String },
        FieldType.Bytes => new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte", ContentEncoding = "base64" },
        FieldType.Bool => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        FieldType.Float => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "float" },
        FieldType.Double => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        FieldType.UInt32 or FieldType.Fixed32 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "uint32" },

        // What is left has 64 bits, and is written as a string because JSON readers keep only 53.
        FieldType.UInt64 or FieldType.Fixed64 => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uint64" },
        _ => new OpenApiSchema { Type = JsonSchemaType.String, Format = "int64" },
    };

    private static OpenApiSchema OfEnum(EnumDescriptor type) => new()
    {
        Type = JsonSchemaType.String,
        Enum = [.. type.Values.Select(value => (JsonNode)JsonValue.Create(value.Name))],
    };
}
