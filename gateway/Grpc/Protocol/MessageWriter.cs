using System.Buffers;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;

namespace IotPlatform.Grpc.Protocol;

/// <summary>
/// Writes a call's answer: headers, messages, status. One operation at a time; the status is written once and nothing after it.
/// </summary>
internal sealed class MessageWriter(HttpResponse response, CallContext context, GrpcOptions options, bool mayCompress)
{
    private const int Open = 0;
    private const int Writing = 1;
    private const int Finished = 2;

    // Open -> Writing -> Open ... -> Finished: who moves it away from Open owns the response.
    private int _state;
    private bool _hasHeaders;

    /// <summary>Writes a message without sending it: for answers that end right after it.</summary>
    public void Write(IMessage message)
    {
        Enter();
        try
        {
            WriteFrame(message);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Writes a message and waits until the connection has room for more.</summary>
    public async ValueTask WriteAndFlushAsync(IMessage message)
    {
        Enter();
        try
        {
            WriteFrame(message);
            await FlushAsync();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Writes messages and waits until the connection has room for more.</summary>
    public async ValueTask WriteAndFlushAllAsync<TMessage>(IReadOnlyList<TMessage> messages)
        where TMessage : IMessage
    {
        Enter();
        try
        {
            for (var i = 0; i < messages.Count; i++)
            {
                WriteFrame(messages[i]);
            }

            await FlushAsync();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Sends the headers.</summary>
    public async ValueTask StartAsync()
    {
        Enter();
        try
        {
            WriteHeaders();
            await FlushAsync();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Writes the status; false when a write is under way or the status is written.</summary>
    public bool TryFinish(in RpcStatus status)
    {
        if (Interlocked.CompareExchange(ref _state, Finished, Open) != Open)
        {
            return false;
        }

        if (_hasHeaders)
        {
            // Kestrel gives every HTTP/2 response its trailers, and other protocols do not come this far.
            var trailers = response.HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
            context.CopyTrailersTo(trailers);
            TrailersOnly.WriteStatus(trailers, status);
        }
        else
        {
            context.CopyHeadersTo(response.Headers);
            context.CopyTrailersTo(response.Headers);
            TrailersOnly.Write(response, status);
        }

        return true;
    }

    private async ValueTask FlushAsync()
    {
        // Kestrel resets the stream when a token that it was given fires, and no status could follow; so that only the waiting is given up.
        var flush = response.BodyWriter.FlushAsync(CancellationToken.None);
        var flushed = flush.IsCompletedSuccessfully ? flush.Result : await flush.AsTask().WaitAsync(context.CancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new CallerGoneException();
        }
    }

    private void Enter()
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var state = Interlocked.CompareExchange(ref _state, Writing, Open);
        if (state == Finished)
        {
            throw new OperationCanceledException("The call is over.", context.CancellationToken);
        }

        if (state == Writing)
        {
            throw new InvalidOperationException("The write before has not completed.");
        }
    }

    private void Leave() => Volatile.Write(ref _state, Open);

    private void WriteHeaders()
    {
        if (_hasHeaders)
        {
            return;
        }

        _hasHeaders = true;
        response.ContentType = GrpcContentType.Value;
        response.Headers[GrpcHeaders.AcceptEncoding] = GrpcEncoding.Accepted;
        if (mayCompress)
        {
            response.Headers[GrpcHeaders.Encoding] = GrpcEncoding.Gzip;
        }

        context.CopyHeadersTo(response.Headers);
    }

    private void WriteFrame(IMessage message)
    {
        var size = message.CalculateSize();
        if (size > options.SendMessageBytesMax)
        {
            throw new RpcException(StatusCode.ResourceExhausted, $"The answer of {size} bytes is larger than the limit of {options.SendMessageBytesMax}.");
        }

        WriteHeaders();
        if (mayCompress && size >= options.CompressResponseBytesMin)
        {
            WriteCompressed(message, size);
            return;
        }

        new FrameHeader(0, (uint)size).WriteTo(response.BodyWriter);
        message.WriteTo(response.BodyWriter);
    }

    private void WriteCompressed(IMessage message, int size)
    {
        using var plain = new PooledBuffer(size);
        message.WriteTo(plain);
        using var compressed = GrpcEncoding.Compress(plain.WrittenSpan);
        var isSmaller = compressed.WrittenSpan.Length < size;
        var payload = isSmaller ? compressed.WrittenSpan : plain.WrittenSpan;
        new FrameHeader(isSmaller ? FrameHeader.Compressed : (byte)0, (uint)payload.Length).WriteTo(response.BodyWriter);
        response.BodyWriter.Write(payload);
    }
}
