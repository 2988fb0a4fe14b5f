using System.Buffers;
using System.Globalization;
using System.Text.Json;
using IotPlatform.Grpc;
using Microsoft.Net.Http.Headers;

namespace IotPlatform.Api.Rest;

/// <summary>The form of every REST refusal: <c>{"code":"NOT_FOUND","message":"...","details":[]}</c>.</summary>
internal static class RestError
{
    // The caller's quota or queue. Where it is not known how long it stays full, one second is only a pace to repeat at.
    private static readonly TimeSpan RetryAfterDefault = TimeSpan.FromSeconds(1);

    /// <summary>Writes a refusal with the HTTP status that belongs to its code.</summary>
    public static Task WriteAsync(HttpResponse response, in RpcStatus status) => WriteAsync(response, status, status.Code.ToHttpStatus());

    /// <summary>Writes a refusal whose HTTP status says more than its code.</summary>
    public static Task WriteAsync(HttpResponse response, in RpcStatus status, int httpStatus)
    {
        response.StatusCode = httpStatus;
        response.ContentType = "application/json";
        if (httpStatus is StatusCodes.Status429TooManyRequests)
        {
            response.Headers[HeaderNames.RetryAfter] = ((long)Math.Ceiling((status.RetryAfter ?? RetryAfterDefault).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var body = new ArrayBufferWriter<byte>();
        WriteJson(body, status);
        response.ContentLength = body.WrittenCount;
        return response.Body.WriteAsync(body.WrittenMemory).AsTask();
    }

    private static void WriteJson(IBufferWriter<byte> output, in RpcStatus status)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("code"u8, status.Code.ToName());
        json.WriteString("message"u8, status.Message);
        json.WriteStartArray("details"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
