using IotPlatform.Grpc.Protocol;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace IotPlatform.Grpc;

/// <summary>Checks what a request says about itself, and starts the call.</summary>
internal sealed class GrpcDispatcher(GrpcOptions options, TimeProvider time, ILogger<GrpcDispatcher> logger)
{
    /// <summary>Answers a request for <paramref name="method"/>.</summary>
    public async Task HandleAsync(HttpContext http, GrpcMethod method)
    {
        if (!IsGrpc(http) || !TryReadEncoding(http, out var isGzip))
        {
            return;
        }

        if (!CallLifetime.TryStart(http, time, out var lifetime))
        {
            TrailersOnly.Write(http.Response, new(StatusCode.Internal, "grpc-timeout is malformed."));
            return;
        }

        using (lifetime)
        {
            LiftHttpLimits(http, method);
            await new GrpcCall(http, method, lifetime, isGzip, options, logger).RunAsync();
        }
    }

    /// <summary>Answers a request for a method that nothing is bound to.</summary>
    public static Task RefuseUnknownAsync(HttpContext http)
    {
        TrailersOnly.Write(http.Response, new(StatusCode.Unimplemented, $"There is no method {http.Request.Path.Value?.TrimStart('/')}."));
        return Task.CompletedTask;
    }

    private static bool IsGrpc(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            http.Response.Headers.Upgrade = "h2c";
            return false;
        }

        // [PROTOCOL-HTTP2 Content-Type] anything else is answered with 415, so that other callers do not read it as a success.
        var isGrpc = GrpcContentType.IsGrpc(http.Request.ContentType);
        http.Response.StatusCode = isGrpc ? StatusCodes.Status200OK : StatusCodes.Status415UnsupportedMediaType;
        return isGrpc;
    }

    private static bool TryReadEncoding(HttpContext http, out bool isGzip)
    {
        var encoding = http.Request.Headers[GrpcHeaders.Encoding].ToString();
        isGzip = encoding == GrpcEncoding.Gzip;
        if (isGzip || encoding is "" or GrpcEncoding.Identity)
        {
            return true;
        }

        // [compression.md] the answer to an unknown encoding names the known ones.
        http.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcEncoding.Accepted;
        TrailersOnly.Write(http.Response, new(StatusCode.Unimplemented, $"The encoding \"{encoding}\" is not known."));
        return false;
    }

    // A message has its own limit, and a stream none; a stream may also be silent for as long as it likes.
    private static void LiftHttpLimits(HttpContext http, GrpcMethod method)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (method.Descriptor.IsClientStreaming && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
