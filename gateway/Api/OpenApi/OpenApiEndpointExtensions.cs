using IotPlatform.Api.Access;
using IotPlatform.Api.Rest;
using IotPlatform.Grpc;
using Microsoft.OpenApi;

namespace IotPlatform.Api.OpenApi;

/// <summary>How a host shows what its REST API is.</summary>
internal static class OpenApiEndpointExtensions
{
    /// <summary>Serves the OpenAPI 3.1 document of the routes at <c>/openapi/v1.json</c>, open to all. It is written once, at the first request.</summary>
    public static void MapOpenApiDocument(
        this IEndpointRouteBuilder endpoints, IReadOnlyList<RestRoute> routes, params IReadOnlyList<GrpcServiceDefinition> services)
    {
        var methods = RestRouter.Bind(routes, services, new RestOptions());
        var json = new Lazy<Task<string>>(() => ApiDocument.Of(methods).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
        endpoints.MapGet("/openapi/v1.json", async http =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(await json.Value, http.RequestAborted);
        }).OpenToAll();
    }
}
