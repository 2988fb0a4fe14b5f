namespace IotPlatform.Api.Access;

/// <summary>How a host closes its endpoints and opens single ones.</summary>
internal static class ApiKeyExtensions
{
    /// <summary>Closes every endpoint that is not <see cref="OpenToAll{TBuilder}"/>; needs an <see cref="IApiKeyVerifier"/> service.</summary>
    public static IApplicationBuilder UseApiKeys(this IApplicationBuilder app) => app.UseMiddleware<ApiKeyMiddleware>();

    /// <summary>Opens an endpoint to callers without a key.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OpenToAllAttribute());

    /// <summary>Who calls: the owner of the key, or <see cref="Caller.Anonymous"/> on an open endpoint.</summary>
    public static Caller GetCaller(this HttpContext http) => http.Features.Get<Caller>() ?? Caller.Anonymous;
}
