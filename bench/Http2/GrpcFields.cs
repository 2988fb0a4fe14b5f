using System.Text;

namespace IotPlatform.Bench.Http2;

/// <summary>The fields of gRPC requests and answers, as HPACK [RFC 7541] encodes them.</summary>
internal static class GrpcFields
{
    private const byte MethodPost = 0x83;
    private const byte SchemeHttp = 0x86;

    /// <summary>Those of every request but the first of a connection: what that one has put into the table, the last one first.</summary>
    public static ReadOnlySpan<byte> Again => [MethodPost, SchemeHttp, 0xC2, 0xC1, 0xC0, 0xBF, 0xBE];

    /// <summary>Those of the first request of a connection: literals, which both sides put into the table.</summary>
    /// <param name="path">The method, such as <c>/iot.v1.Messaging/SendDeviceMessage</c>.</param>
    /// <param name="key">What the caller is permitted with.</param>
    public static byte[] First(string path, string key) =>
    [
        MethodPost, SchemeHttp,
        0x44, .. Text(path),                              // :path
        0x41, .. Text("localhost"),                       // :authority
        0x5F, .. Text("application/grpc"),                // content-type
        0x40, .. Text("te"), .. Text("trailers"),
        0x57, .. Text($"Bearer {key}"),                   // authorization
    ];

    /// <summary>What is wrong with a call that ended with these fields; null when it succeeded.</summary>
    public static string? Failure(ReadOnlySpan<byte> fields)
    {
        // The server was told to use no table, so that name and value stand there, each behind its length.
        var name = "grpc-status"u8;
        var at = fields.IndexOf(name);
        var value = at < 0 ? default : fields[(at + name.Length)..];
        return value is [1, (byte)'0', ..] ? null : Encoding.ASCII.GetString(fields);
    }

    // Shorter than what needs a second byte of length.
    private static byte[] Text(string text) =>
        text.Length < 127 ? [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)] : throw new ArgumentException("The text is too long for a field.", nameof(text));
}
