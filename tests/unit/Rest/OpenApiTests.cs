using System.Text.Json;
using IotPlatform.Api.OpenApi;
using IotPlatform.Api.Rest;
using IotPlatform.Protos.V1;
using Microsoft.OpenApi;

namespace IotPlatform.Unit.Tests.Rest;

public sealed class OpenApiTests
{
    private static readonly IReadOnlyList<RestMethod> Methods = RestRouter.Bind(
        RestRoutes.V1,
        [
            AnyService.Define(MessagingReflection.Descriptor.Services[0]),
            AnyService.Define(RegistryReflection.Descriptor.Services[0]),
            AnyService.Define(ClusterReflection.Descriptor.Services[0]),
            AnyService.Define(ClientsReflection.Descriptor.Services[0]),
            AnyService.Define(TracesReflection.Descriptor.Services[0]),
            AnyService.Define(PushesReflection.Descriptor.Services[0]),
        ],
        new RestOptions());

    [Fact]
    public async Task Document_OfTheContract_HasEveryRoute()
    {
        var root = await DocumentAsync();

        Assert.StartsWith("3.1", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        foreach (var route in RestRoutes.V1)
        {
            var operation = root.GetProperty("paths").GetProperty(route.Template).GetProperty(route.Verb.ToLowerInvariant());
            Assert.Equal(route.Method.Split('/')[1], operation.GetProperty("operationId").GetString());
            Assert.True(operation.GetProperty("responses").TryGetProperty($"{route.SuccessStatus}", out _));
            Assert.Equal("#/components/schemas/Error", Schema(operation.GetProperty("responses").GetProperty("default")).GetProperty("$ref").GetString());
        }
    }

    [Fact]
    public async Task Document_OfTheContract_HasNoDanglingReference()
    {
        var root = await DocumentAsync();
        var schemas = root.GetProperty("components").GetProperty("schemas");
        var references = References(root).Distinct().ToArray();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(schemas.TryGetProperty(reference.Split('/')[^1], out _), reference));
    }

    [Fact]
    public async Task Schema_OfAMessage_HasItsJsonTypes()
    {
        var properties = (await DocumentAsync()).GetProperty("components").GetProperty("schemas").GetProperty("DeviceMessage").GetProperty("properties");

        Assert.Equal(("string", "byte"), TypeOf(properties.GetProperty("payload")));
        Assert.Equal(("integer", "int32"), TypeOf(properties.GetProperty("qos")));
        Assert.Equal(("string", "date-time"), TypeOf(properties.GetProperty("createdAt")));
        Assert.Equal("PENDING", properties.GetProperty("status").GetProperty("enum")[1].GetString());
    }

    [Fact]
    public async Task Schema_OfADuration_IsAText()
    {
        var start = (await DocumentAsync()).GetProperty("paths").GetProperty("/v1/traces").GetProperty("post");
        var duration = Schema(start.GetProperty("requestBody")).GetProperty("properties").GetProperty("duration");

        Assert.Equal("string", duration.GetProperty("type").GetString());
        Assert.Matches(duration.GetProperty("pattern").GetString()!, "600s");
        Assert.Matches(duration.GetProperty("pattern").GetString()!, "0.020s");
        Assert.DoesNotMatch(duration.GetProperty("pattern").GetString()!, "PT10M");
    }

    [Fact]
    public async Task Schemas_OfMessagesWithOneName_AreTwo()
    {
        var schemas = (await DocumentAsync()).GetProperty("components").GetProperty("schemas");

        Assert.True(schemas.GetProperty("Gateway").GetProperty("properties").TryGetProperty("address", out _));
        Assert.True(schemas.GetProperty("Broadcast.Gateway").GetProperty("properties").TryGetProperty("targeted", out _));
        Assert.Equal(
            "#/components/schemas/Broadcast.Gateway",
            schemas.GetProperty("Broadcast").GetProperty("properties").GetProperty("gateways").GetProperty("items").GetProperty("$ref").GetString());
    }

    [Fact]
    public async Task Operation_OfTheContract_SaysWhereItsFieldsAre()
    {
        var paths = (await DocumentAsync()).GetProperty("paths");
        var list = paths.GetProperty("/v1/products/{productKey}/devices/{deviceName}/messages").GetProperty("get").GetProperty("parameters");
        var broadcast = Schema(paths.GetProperty("/v1/products/{productKey}/broadcasts").GetProperty("post").GetProperty("requestBody")).GetProperty("properties");
        var receipt = paths.GetProperty("/v1/products/{productKey}/broadcasts/{messageId}").GetProperty("get").GetProperty("parameters")[1];

        Assert.Equal(
            ["productKey:path", "deviceName:path", "status:query", "pageSize:query", "pageToken:query"],
            list.EnumerateArray().Select(parameter => $"{parameter.GetProperty("name")}:{parameter.GetProperty("in")}"));
        Assert.Equal(
            ["messageContent", "topicFullName", "qos", "ttl", "messageExpiry", "contentType", "userProperties", "filter", "maxRate"],
            broadcast.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("string", "int64"), TypeOf(receipt.GetProperty("schema")));
    }

    [Fact]
    public async Task Document_OfTheContract_AsksForTheKey()
    {
        var root = await DocumentAsync();

        Assert.Equal("bearer", root.GetProperty("components").GetProperty("securitySchemes").GetProperty("apiKey").GetProperty("scheme").GetString());
        Assert.True(root.GetProperty("security")[0].TryGetProperty("apiKey", out _));
    }

    private static async Task<JsonElement> DocumentAsync() =>
        JsonDocument.Parse(await ApiDocument.Of(Methods).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1)).RootElement;

    private static JsonElement Schema(JsonElement holder) => holder.GetProperty("content").GetProperty("application/json").GetProperty("schema");

    private static (string? Type, string? Format) TypeOf(JsonElement schema) => (schema.GetProperty("type").GetString(), schema.GetProperty("format").GetString());

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.NameEquals("$ref") ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
