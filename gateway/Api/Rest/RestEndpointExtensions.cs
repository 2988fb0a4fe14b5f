using IotPlatform.Grpc;

namespace IotPlatform.Api.Rest;

/// <summary>How a host serves the REST form of its gRPC services.</summary>
internal static class RestEndpointExtensions
{
    /// <summary>
    /// Serves the routes, and answers whatever no other endpoint answers with 404 or 405 in the same form; called once a host. Uses a
    /// <see cref="RestOptions"/> and a <see cref="TimeProvider"/> of the host where it has them.
    /// </summary>
    /// <exception cref="ArgumentException">A route does not fit the services.</exception>
    public static IEndpointConventionBuilder MapRest(
        this IEndpointRouteBuilder endpoints, IReadOnlyList<RestRoute> routes, params IReadOnlyList<GrpcServiceDefinition> services)
    {
        var options = endpoints.ServiceProvider.GetService<RestOptions>() ?? new RestOptions();
        var router = new RestRouter(
            RestRouter.Bind(routes, services, options),
            endpoints.ServiceProvider.GetService<TimeProvider>() ?? TimeProvider.System,
            endpoints.ServiceProvider.GetRequiredService<ILogger<RestRouter>>());
        var endpoint = endpoints.Map("{**path}", router.HandleAsync);
        endpoint.Add(builder => ((RouteEndpointBuilder)builder).Order = int.MaxValue);
        return endpoint;
    }
}
