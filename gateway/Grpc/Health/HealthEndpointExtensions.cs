using IotPlatform.Api.Access;

namespace IotPlatform.Grpc.Health;

/// <summary>How a host shows its health to HTTP probes.</summary>
internal static class HealthEndpointExtensions
{
    /// <summary>
    /// Maps <c>/healthz</c> (the process answers) and <c>/readyz</c> (it takes calls: 200, else 503), open to all, and stops
    /// <paramref name="state"/> when the host begins to stop.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints, HealthState state)
    {
        endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(state.Stop);
        endpoints.MapGet("/healthz", static http => WriteAsync(http, isWell: true)).OpenToAll();
        endpoints.MapGet("/readyz", http => WriteAsync(http, state.IsServing)).OpenToAll();
    }

    private static Task WriteAsync(HttpContext http, bool isWell)
    {
        http.Response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(isWell ? "ok\n" : "not ready\n");
    }
}
