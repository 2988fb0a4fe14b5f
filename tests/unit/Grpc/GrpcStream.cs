using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using Google.Protobuf;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>A call with an open request body: messages go out and come in one by one.</summary>
internal sealed class GrpcStream : IAsyncDisposable
{
    private readonly Pipe _requests = new();
    private readonly CancellationTokenSource _reset = new();
    private HttpResponseMessage? _response;
    private Stream? _responses;
    private Task<HttpResponseMessage>? _opening;

    public static async Task<GrpcStream> OpenAsync(HttpClient http, Func<HttpContent, HttpRequestMessage> makeRequest)
    {
        var stream = new GrpcStream();
        var request = makeRequest(new PipeContent(stream._requests.Reader));
        stream._opening = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stream._reset.Token);
        await stream._requests.Writer.FlushAsync();
        return stream;
    }

    public async Task WriteAsync(IMessage message) => await _requests.Writer.WriteAsync(GrpcFrames.Frame(message));

    public async Task WriteRawAsync(byte[] bytes) => await _requests.Writer.WriteAsync(bytes);

    public async Task EndAsync() => await _requests.Writer.CompleteAsync();

    /// <summary>Completes when the response headers have come.</summary>
    public Task WhenOpenedAsync() => ResponsesAsync();

    /// <summary>The next message; null at the end of the answer.</summary>
    public async Task<EchoRequest?> ReadAsync()
    {
        var payload = await ReadPayloadAsync();
        return payload is null ? null : EchoRequest.Parser.ParseFrom(payload);
    }

    public async Task<byte[]?> ReadPayloadAsync()
    {
        var responses = await ResponsesAsync();
        var header = new byte[5];
        if (await responses.ReadAtLeastAsync(header, 5, throwOnEndOfStream: false) < 5)
        {
            return null;
        }

        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await responses.ReadExactlyAsync(payload);
        return payload;
    }

    /// <summary>The status, after the end of the answer.</summary>
    public GrpcReply Reply => new(_response!, []);

    /// <summary>Gives the call up: the stream is reset.</summary>
    public async Task ResetAsync()
    {
        await _reset.CancelAsync();
        _response?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _reset.CancelAsync();
        await _requests.Writer.CompleteAsync();
        _response?.Dispose();
        _reset.Dispose();
    }

    private async Task<Stream> ResponsesAsync()
    {
        _response ??= await _opening!;
        return _responses ??= await _response.Content.ReadAsStreamAsync();
    }

    private sealed class PipeContent(PipeReader reader) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            try
            {
                await CopyAsync(stream, cancellationToken);
            }
            finally
            {
                // A test that goes on writing to a call that is over must not wait for a reader.
                await reader.CompleteAsync();
            }
        }

        private async Task CopyAsync(Stream stream, CancellationToken cancellationToken)
        {
            ReadResult read;
            do
            {
                // The client keeps what is not flushed, the header block too.
                await stream.FlushAsync(cancellationToken);
                read = await reader.ReadAsync(cancellationToken);
                foreach (var memory in read.Buffer)
                {
                    await stream.WriteAsync(memory, cancellationToken);
                }

                reader.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
