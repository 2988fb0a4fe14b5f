using IotPlatform.Api.Access;
using IotPlatform.Grpc.Protocol;
using Microsoft.AspNetCore.Routing.Patterns;

namespace IotPlatform.Grpc;

/// <summary>How a host serves gRPC services.</summary>
internal static class GrpcEndpointExtensions
{
    /// <summary>
    /// Maps every method of the services to an endpoint, and every other gRPC request to UNIMPLEMENTED; called once a host. Uses a
    /// <see cref="GrpcOptions"/> and a <see cref="TimeProvider"/> of the host where it has them. The connection must speak HTTP/2.
    /// </summary>
    /// <exception cref="ArgumentException">A service is named twice.</exception>
    public static IEndpointConventionBuilder MapGrpc(this IEndpointRouteBuilder endpoints, params IReadOnlyList<GrpcServiceDefinition> services)
    {
        var dispatcher = new GrpcDispatcher(
            endpoints.ServiceProvider.GetService<GrpcOptions>() ?? new GrpcOptions(),
            endpoints.ServiceProvider.GetService<TimeProvider>() ?? TimeProvider.System,
            endpoints.ServiceProvider.GetRequiredService<ILogger<GrpcDispatcher>>());
        var group = endpoints.MapGroup("");
        foreach (var service in services.ToDictionary(service => service.Descriptor.FullName).Values)
        {
            MapService(group, dispatcher, service);
        }

        MapUnknown(group);
        return group;
    }

    private static void MapService(RouteGroupBuilder group, GrpcDispatcher dispatcher, GrpcServiceDefinition service)
    {
        foreach (var method in service.Methods)
        {
            var endpoint = group.MapPost($"/{method.FullName}", http => dispatcher.HandleAsync(http, method));
            if (service.IsOpenToAll)
            {
                endpoint.OpenToAll();
            }
        }
    }

    private static void MapUnknown(RouteGroupBuilder group)
    {
        var pattern = RoutePatternFactory.Parse("{service}/{method}", defaults: null, parameterPolicies: new { method = new GrpcContentTypeConstraint() });
        group.Map(pattern, GrpcDispatcher.RefuseUnknownAsync).Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = int.MaxValue - 1);
    }
}
