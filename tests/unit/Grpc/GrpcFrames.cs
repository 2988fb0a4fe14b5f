using System.Buffers.Binary;
using System.IO.Compression;
using Google.Protobuf;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>Messages as they go over the wire, correct or not.</summary>
internal static class GrpcFrames
{
    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(byte[] payload, byte flag = 0) => [flag, .. Length(payload.Length), .. payload];

    public static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    public static byte[] Gzip(byte[] plain)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return compressed.ToArray();
    }
}
