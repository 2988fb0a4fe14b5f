using Microsoft.AspNetCore.Http.Features;

namespace IotPlatform.Api.Rest;

/// <summary>The path of a request as it was sent: the server's own form of it is decoded already, and no longer says what was a separator.</summary>
internal static class RequestPath
{
    /// <summary>The path up to the query; always starts with a slash.</summary>
    public static string Read(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "/";
        target = target.StartsWith('/') ? target : OfAbsoluteForm(target);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    // [RFC 9112 3.2.2] a server takes http://host/path too.
    private static string OfAbsoluteForm(string target)
    {
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return path < 0 ? "/" : target[path..];
    }
}
