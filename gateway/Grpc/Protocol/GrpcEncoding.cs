using System.Buffers;
using System.IO.Compression;

namespace IotPlatform.Grpc.Protocol;

/// <summary>The encodings of messages that this server knows: as they are, and gzip. [grpc/doc/compression.md]</summary>
internal static class GrpcEncoding
{
    public const string Identity = "identity";
    public const string Gzip = "gzip";

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    public const string Accepted = "identity,gzip";

    private const int ReadBytes = 16 * 1024;

    /// <summary>Whether a caller's <c>grpc-accept-encoding</c> names gzip.</summary>
    public static bool AcceptsGzip(string? accepted)
    {
        foreach (var range in accepted.AsSpan().Split(','))
        {
            if (accepted.AsSpan()[range].Trim(' ').Equals(Gzip, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Compresses into a pooled buffer that the caller disposes.</summary>
    public static PooledBuffer Compress(ReadOnlySpan<byte> message)
    {
        var output = new PooledBuffer(message.Length);
        using var gzip = new GZipStream(new BufferWriterStream(output), CompressionLevel.Fastest);
        gzip.Write(message);
        return output;
    }

    /// <summary>Decompresses into a pooled buffer that the caller disposes.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED past the limit, found while inflating; INTERNAL: not gzip.</exception>
    public static PooledBuffer Decompress(in ReadOnlySequence<byte> compressed, int messageBytesMax)
    {
        var output = new PooledBuffer(ReadBytes);
        try
        {
            using var gzip = new GZipStream(new SequenceStream(compressed), CompressionMode.Decompress);
            Inflate(gzip, output, messageBytesMax);
            return output;
        }
        catch (InvalidDataException malformed)
        {
            output.Dispose();
            throw new RpcException(StatusCode.Internal, "A compressed message is not gzip.", malformed);
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    private static void Inflate(GZipStream gzip, PooledBuffer output, int messageBytesMax)
    {
        int read;
        while ((read = gzip.Read(output.GetSpan(ReadBytes))) > 0)
        {
            output.Advance(read);
            if (output.WrittenSpan.Length > messageBytesMax)
            {
                throw new RpcException(StatusCode.ResourceExhausted, $"A message decompresses to more than {messageBytesMax} bytes.");
            }
        }
    }
}
