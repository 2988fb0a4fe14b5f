using System.Net;
using IotPlatform.Api.Access;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>What a handler knows of its call beside the request. Valid until the handler's task ends.</summary>
internal sealed class CallContext
{
    private readonly HttpContext _http;
    private IReadOnlyMetadata? _requestHeaders;
    private Metadata? _responseHeaders;
    private Metadata? _responseTrailers;

    /// <summary>Made by whoever serves the call.</summary>
    public CallContext(HttpContext http, string method, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        _http = http;
        Method = method;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        Caller = http.GetCaller();
    }

    /// <summary>The full name, such as <c>iot.v1.Messaging/PubBroadcast</c>.</summary>
    public string Method { get; }

    /// <summary>Who calls.</summary>
    public Caller Caller { get; }

    /// <summary>When the caller stops waiting; null when it waits for ever.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Fires when the caller gives up or its deadline passes.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The caller's address and port as this process sees them.</summary>
    public string Peer => _http.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, _http.Connection.RemotePort).ToString() : "";

    /// <summary>What the caller sent along.</summary>
    public IReadOnlyMetadata RequestHeaders => _requestHeaders ??= new RequestMetadata(_http.Request.Headers);

    /// <summary>What leaves before the first message; entries added after it are not sent.</summary>
    public Metadata ResponseHeaders => _responseHeaders ??= [];

    /// <summary>What leaves with the status; REST answers have no place for it.</summary>
    public Metadata ResponseTrailers => _responseTrailers ??= [];

    /// <summary>Copies the handler's headers into <paramref name="fields"/>.</summary>
    internal void CopyHeadersTo(IHeaderDictionary fields) => Copy(_responseHeaders, fields);

    /// <summary>Copies the handler's trailers into <paramref name="fields"/>.</summary>
    internal void CopyTrailersTo(IHeaderDictionary fields) => Copy(_responseTrailers, fields);

    private static void Copy(Metadata? source, IHeaderDictionary fields)
    {
        if (source is null)
        {
            return;
        }

        foreach (var (name, value) in source)
        {
            fields.Append(name, value);
        }
    }
}
