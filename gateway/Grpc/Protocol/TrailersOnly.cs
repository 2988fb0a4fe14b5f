using System.Globalization;

namespace IotPlatform.Grpc.Protocol;

/// <summary>An answer without messages: one header block that holds the status too. [PROTOCOL-HTTP2 Trailers-Only]</summary>
internal static class TrailersOnly
{
    /// <summary>Writes the answer; the response must not have started.</summary>
    public static void Write(HttpResponse response, in RpcStatus status)
    {
        // [PROTOCOL-HTTP2 Responses] the HTTP status of every gRPC answer is 200.
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = GrpcContentType.Value;
        WriteStatus(response.Headers, status);
    }

    /// <summary>Writes a status into a block of fields.</summary>
    public static void WriteStatus(IHeaderDictionary fields, in RpcStatus status)
    {
        fields[GrpcHeaders.Status] = status.Code.ToNumber();
        if (status.Message.Length > 0)
        {
            fields[GrpcHeaders.Message] = PercentEncoding.Encode(status.Message);
        }

        if (status.RetryAfter is { } retryAfter)
        {
            fields[GrpcHeaders.RetryPushback] = ((long)Math.Ceiling(retryAfter.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        }
    }
}
