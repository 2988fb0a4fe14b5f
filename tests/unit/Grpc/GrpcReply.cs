using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>An answer as it came: the header block, the body and the trailers.</summary>
internal sealed record GrpcReply(HttpResponseMessage Http, byte[] Body)
{
    /// <summary>The status came in the header block.</summary>
    public bool IsTrailersOnly => Http.Headers.Contains("grpc-status");

    public StatusCode Status => (StatusCode)int.Parse(Field("grpc-status")!, CultureInfo.InvariantCulture);

    public string Message => Uri.UnescapeDataString(Field("grpc-message") ?? "");

    public string? Header(string name) => Value(Http.Headers, name);

    public string? Trailer(string name) => Value(Http.TrailingHeaders, name);

    /// <summary>The messages in the body, decompressed.</summary>
    public IReadOnlyList<EchoRequest> Messages => [.. Frames().Select(frame => EchoRequest.Parser.ParseFrom(frame.Flag == 1 ? Gunzip(frame.Payload) : frame.Payload))];

    public IEnumerable<(byte Flag, byte[] Payload)> Frames()
    {
        for (var at = 0; at < Body.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(at + 1));
            yield return (Body[at], Body[(at + 5)..(at + 5 + length)]);
            at += 5 + length;
        }
    }

    private string? Field(string name) => Header(name) ?? Trailer(name);

    private static string? Value(HttpHeaders fields, string name) => fields.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    private static byte[] Gunzip(byte[] compressed)
    {
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
