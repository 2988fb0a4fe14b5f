using System.Buffers.Text;

namespace IotPlatform.Bench.Load;

/// <summary>The little of an HTTP/1.1 response that a caller needs: whether it is all there, its status, and its body.</summary>
internal readonly ref struct HttpAnswer(int status, ReadOnlySpan<byte> body)
{
    public int Status { get; } = status;

    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Reads one whole response; false when more bytes are needed. A chunked body is put together in place.</summary>
    public static bool TryRead(Span<byte> bytes, out HttpAnswer answer)
    {
        answer = default;
        var headEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> head = bytes[..(headEnd + 2)];
        var status = (int)LeadingNumber.Of(head["HTTP/1.1 "u8.Length..]);
        var rest = bytes[(headEnd + 4)..];
        if (!TryReadBody(head, rest, out var body))
        {
            return false;
        }

        answer = new HttpAnswer(status, body);
        return true;
    }

    private static bool TryReadBody(ReadOnlySpan<byte> head, Span<byte> rest, out ReadOnlySpan<byte> body)
    {
        if (TryFindHeader(head, "\r\nTransfer-Encoding: chunked"u8, out _))
        {
            return TryJoinChunks(rest, out body);
        }

        body = default;
        if (TryFindHeader(head, "\r\nContent-Length: "u8, out var length))
        {
            var bytes = (int)LeadingNumber.Of(length);
            body = rest.Length < bytes ? default : rest[..bytes];
            return rest.Length >= bytes;
        }

        return true;
    }

    private static bool TryFindHeader(ReadOnlySpan<byte> head, ReadOnlySpan<byte> nameAndColon, out ReadOnlySpan<byte> value)
    {
        var at = head.IndexOf(nameAndColon);
        value = at < 0 ? default : head[(at + nameAndColon.Length)..];
        return at >= 0;
    }

    // One request is in flight, so that nothing follows the last chunk; nothing is moved before that one is there.
    private static bool TryJoinChunks(Span<byte> rest, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (!rest.EndsWith("0\r\n\r\n"u8))
        {
            return false;
        }

        var joined = 0;
        var at = 0;
        while (Utf8Parser.TryParse(rest[at..], out int chunkBytes, out var sizeBytes, 'x') && chunkBytes > 0)
        {
            var chunkAt = at + sizeBytes + 2;
            rest.Slice(chunkAt, chunkBytes).CopyTo(rest[joined..]);
            joined += chunkBytes;
            at = chunkAt + chunkBytes + 2;
        }

        body = rest[..joined];
        return true;
    }
}
