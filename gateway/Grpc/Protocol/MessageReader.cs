using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace IotPlatform.Grpc.Protocol;

/// <summary>Reads the messages of a request, each straight from the connection's buffers. One read at a time.</summary>
internal sealed class MessageReader(PipeReader input, int messageBytesMax, bool isGzip)
{
    /// <summary>Reads the next message; null at the end of the request.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: larger than the limit; INTERNAL: malformed.</exception>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public async ValueTask<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await ReadPipeAsync(cancellationToken);
            if (TryTake(parser, result.Buffer, out var message))
            {
                return message;
            }

            if (!result.IsCompleted)
            {
                continue;
            }

            return result.Buffer.IsEmpty ? null : throw new RpcException(StatusCode.Internal, "The request ends within a message.");
        }
    }

    /// <summary>Reads a request of exactly one message.</summary>
    /// <exception cref="RpcException">As for a stream; INTERNAL: no message, or more than one.</exception>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public async ValueTask<T> ReadSingleAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        var message = await ReadAsync(parser, cancellationToken)
            ?? throw new RpcException(StatusCode.Internal, "The request holds no message.");
        await ExpectEndAsync(cancellationToken);
        return message;
    }

    /// <summary>Reads the messages up to the end of the request; can be enumerated once.</summary>
    public async IAsyncEnumerable<T> ReadAllAsync<T>(MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (await ReadAsync(parser, cancellationToken) is { } message)
        {
            yield return message;
        }
    }

    private async ValueTask ExpectEndAsync(CancellationToken cancellationToken)
    {
        ReadResult result;
        do
        {
            result = await ReadPipeAsync(cancellationToken);
            var isEmpty = result.Buffer.IsEmpty;
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (!isEmpty)
            {
                throw new RpcException(StatusCode.Internal, "The request holds more than one message.");
            }
        }
        while (!result.IsCompleted);
    }

    private async ValueTask<ReadResult> ReadPipeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await input.ReadAsync(cancellationToken);
        }
        catch (IOException gone)
        {
            throw new CallerGoneException(gone);
        }
    }

    private bool TryTake<T>(MessageParser<T> parser, in ReadOnlySequence<byte> buffer, out T? message)
        where T : class, IMessage<T>
    {
        var consumed = buffer.Start;
        var examined = buffer.End;
        message = null;
        try
        {
            if (TryFindFrame(buffer, out var header, out var payload))
            {
                consumed = examined = payload.End;
                message = header.Flag == FrameHeader.Compressed ? ParseCompressed(parser, payload) : Parse(parser, payload);
            }
        }
        finally
        {
            input.AdvanceTo(consumed, examined);
        }

        return message is not null;
    }

    // The declared length is checked before a byte of the message is waited for.
    private bool TryFindFrame(in ReadOnlySequence<byte> buffer, out FrameHeader header, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!FrameHeader.TryRead(buffer, out header))
        {
            return false;
        }

        Check(header);
        if (buffer.Length - FrameHeader.Size < header.Length)
        {
            return false;
        }

        payload = buffer.Slice(FrameHeader.Size, header.Length);
        return true;
    }

    private void Check(FrameHeader header)
    {
        if (header.Flag > FrameHeader.Compressed)
        {
            throw new RpcException(StatusCode.Internal, $"A message begins with flag {header.Flag}, which has no meaning.");
        }

        // [compression.md] a message marked as compressed without an encoding is an INTERNAL error.
        if (header.Flag == FrameHeader.Compressed && !isGzip)
        {
            throw new RpcException(StatusCode.Internal, "A message is marked as compressed, but the request names no encoding.");
        }

        if (header.Length > messageBytesMax)
        {
            throw new RpcException(StatusCode.ResourceExhausted, $"A message of {header.Length} bytes is larger than the limit of {messageBytesMax}.");
        }
    }

    private T ParseCompressed<T>(MessageParser<T> parser, in ReadOnlySequence<byte> payload)
        where T : class, IMessage<T>
    {
        using var plain = GrpcEncoding.Decompress(payload, messageBytesMax);
        return Parse(parser, new ReadOnlySequence<byte>(plain.WrittenMemory));
    }

    private static T Parse<T>(MessageParser<T> parser, in ReadOnlySequence<byte> payload)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new RpcException(StatusCode.Internal, "A message is no protocol buffer of the method's request type.", malformed);
        }
    }
}
