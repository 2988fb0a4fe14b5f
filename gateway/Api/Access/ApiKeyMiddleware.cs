using IotPlatform.Api.Rest;
using IotPlatform.Grpc;
using IotPlatform.Grpc.Protocol;
using Microsoft.Net.Http.Headers;

namespace IotPlatform.Api.Access;

/// <summary>
/// Lets a request reach its endpoint only with a known key, unless the endpoint is <see cref="OpenToAllAttribute"/>.
/// The refusal has the form that the caller speaks: a gRPC status or a REST error.
/// </summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, IApiKeyVerifier verifier)
{
    private const string Missing = "The call needs a key: \"authorization: Bearer KEY\".";
    private const string Unknown = "The key is not known.";

    /// <summary>Passes the request on, or refuses it.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        if (endpoint is null || endpoint.Metadata.GetMetadata<OpenToAllAttribute>() is not null)
        {
            return next(http);
        }

        if (!BearerToken.TryRead(http.Request.Headers.Authorization, out var key))
        {
            return RefuseAsync(http, Missing, "Bearer");
        }

        if (!verifier.TryVerify(key, out var caller))
        {
            return RefuseAsync(http, Unknown, "Bearer error=\"invalid_token\"");
        }

        http.Features.Set(caller);
        return next(http);
    }

    private static Task RefuseAsync(HttpContext http, string reason, string challenge)
    {
        var status = new RpcStatus(StatusCode.Unauthenticated, reason);
        if (GrpcContentType.IsGrpc(http.Request.ContentType))
        {
            TrailersOnly.Write(http.Response, status);
            return Task.CompletedTask;
        }

        // [RFC 9110 15.5.2] a 401 names at least one challenge.
        http.Response.Headers[HeaderNames.WWWAuthenticate] = challenge;
        return RestError.WriteAsync(http.Response, status);
    }
}
