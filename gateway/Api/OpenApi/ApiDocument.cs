using System.Globalization;
using System.Text.Json.Nodes;
using IotPlatform.Api.Rest;
using IotPlatform.Grpc;
using Microsoft.OpenApi;

namespace IotPlatform.Api.OpenApi;

/// <summary>The OpenAPI document of the REST routes, made from the contract that they are bound to.</summary>
internal sealed class ApiDocument
{
    private const string Json = "application/json";
    private const string ErrorSchema = "Error";
    private const string KeyScheme = "apiKey";

    private readonly OpenApiDocument _document = new()
    {
        Info = new OpenApiInfo { Title = "IoT platform", Version = "v1" },
        Paths = [],
        Components = new OpenApiComponents(),
    };

    private readonly JsonSchemas _schemas;

    private ApiDocument() => _schemas = new JsonSchemas(_document);

    /// <summary>Describes the routes.</summary>
    public static OpenApiDocument Of(IEnumerable<RestMethod> methods)
    {
        var api = new ApiDocument();
        api.AddSecurity();
        api._document.AddComponent(ErrorSchema, ErrorObject());
        foreach (var path in methods.GroupBy(method => method.Route.Template))
        {
            api.AddPath(path.Key, path);
        }

        return api._document;
    }

    private void AddSecurity()
    {
        _document.AddComponent<IOpenApiSecurityScheme>(KeyScheme, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" });
        _document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, _document)] = [] }];
    }

    private void AddPath(string template, IEnumerable<RestMethod> methods)
    {
        var item = new OpenApiPathItem();
        foreach (var method in methods)
        {
            item.AddOperation(HttpMethod.Parse(method.Route.Verb), Operation(method));
        }

        _document.Paths.Add(template, item);
    }

    private OpenApiOperation Operation(RestMethod method) => new()
    {
        OperationId = method.Method.Descriptor.Name,
        Summary = method.Route.Summary,
        Tags = new HashSet<OpenApiTagReference> { Tag(method.Method.Descriptor.Service.Name) },
        Parameters = Parameters(method),
        RequestBody = method.Route.Body is RestBody.Message ? RequestBody(method) : null,
        Responses = new OpenApiResponses
        {
            [method.Route.SuccessStatus.ToString(CultureInfo.InvariantCulture)] = Success(method),
            ["default"] = new OpenApiResponse { Description = "Refused.", Content = Content(new OpenApiSchemaReference(ErrorSchema, _document)) },
        },
    };

    private OpenApiTagReference Tag(string name)
    {
        _document.Tags ??= new HashSet<OpenApiTag>();
        _document.Tags.Add(new OpenApiTag { Name = name });
        return new OpenApiTagReference(name, _document);
    }

    private List<IOpenApiParameter> Parameters(RestMethod method)
    {
        var parameters = method.PathFields
            .Select(IOpenApiParameter (field) => new OpenApiParameter { Name = field.JsonName, In = ParameterLocation.Path, Required = true, Schema = _schemas.Of(field) })
            .ToList();
        if (method.Route.Body is RestBody.None)
        {
            parameters.AddRange(method.Method.Descriptor.InputType.Fields.InDeclarationOrder()
                .Where(field => field.IsText() && !method.PathFields.Contains(field))
                .Select(field => new OpenApiParameter { Name = field.JsonName, In = ParameterLocation.Query, Schema = _schemas.Of(field) }));
        }

        return parameters;
    }

    private OpenApiRequestBody RequestBody(RestMethod method)
    {
        var fields = method.Method.Descriptor.InputType.Fields.InDeclarationOrder().Where(field => !method.PathFields.Contains(field));
        return new() { Content = Content(_schemas.Object(fields)) };
    }

    private OpenApiResponse Success(RestMethod method) => method.Route.SuccessStatus is StatusCodes.Status204NoContent
        ? new() { Description = "Done." }
        : new() { Description = "Done.", Content = Content(_schemas.Of(method.Method.Descriptor.OutputType)) };

    private static Dictionary<string, OpenApiMediaType> Content(IOpenApiSchema schema) => new() { [Json] = new OpenApiMediaType { Schema = schema } };

    private static OpenApiSchema ErrorObject() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "code", "message", "details" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["code"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. Enum.GetValues<StatusCode>().Where(code => code is not StatusCode.OK).Select(code => (JsonNode)JsonValue.Create(code.ToName()))],
            },
            ["message"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["details"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } },
        },
    };
}
