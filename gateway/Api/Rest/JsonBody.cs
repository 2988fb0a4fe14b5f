using System.Buffers;
using System.Text;
using IotPlatform.Grpc;
using Microsoft.Net.Http.Headers;

namespace IotPlatform.Api.Rest;

/// <summary>Reads a request's body as the text of a JSON document.</summary>
internal sealed class JsonBody(int bytesMax)
{
    private const string MediaType = "application/json";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly RestRefusal _notJson =
        new(new(StatusCode.InvalidArgument, $"The body is not declared as {MediaType}."), StatusCodes.Status415UnsupportedMediaType);

    private readonly RestRefusal _tooLarge =
        new(new(StatusCode.ResourceExhausted, $"The body is larger than {bytesMax} bytes."), StatusCodes.Status413PayloadTooLarge);

    /// <summary>Reads the body: its text, which is empty when there is none, or a refusal.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: HTTP's own framing is broken.</exception>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public async ValueTask<(string Text, RestRefusal? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var isJson = IsJson(request.ContentType);
        if (!isJson && (request.ContentType is not null || request.ContentLength > 0))
        {
            return ("", _notJson);
        }

        if (request.ContentLength > bytesMax)
        {
            return ("", _tooLarge);
        }

        var (text, refusal) = await ReadTextAsync(request, cancellationToken);
        return isJson || text.Length == 0 ? (text, refusal) : ("", _notJson);
    }

    private async ValueTask<(string Text, RestRefusal? Refusal)> ReadTextAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadPipeAsync(request, cancellationToken);
            if (result.Buffer.Length > bytesMax)
            {
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return ("", _tooLarge);
            }

            if (result.IsCompleted)
            {
                var decoded = Decode(result.Buffer);
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return decoded;
            }

            request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async ValueTask<System.IO.Pipelines.ReadResult> ReadPipeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (BadHttpRequestException malformed)
        {
            throw new RpcException(StatusCode.InvalidArgument, "The body is not framed as HTTP says.", malformed);
        }
        catch (IOException gone)
        {
            throw new CallerGoneException(gone);
        }
    }

    private static (string Text, RestRefusal? Refusal) Decode(in ReadOnlySequence<byte> body)
    {
        try
        {
            return (Strict.GetString(body), null);
        }
        catch (DecoderFallbackException)
        {
            return ("", RestRefusal.Invalid("The body is not UTF-8."));
        }
    }

    // [RFC 8259 8.1] JSON between systems is UTF-8, whatever else a charset says.
    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);
}
