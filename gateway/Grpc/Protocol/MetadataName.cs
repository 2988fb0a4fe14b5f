using System.Buffers;
using System.Collections.Frozen;

namespace IotPlatform.Grpc.Protocol;

/// <summary>The names that metadata may have. [PROTOCOL-HTTP2 Custom-Metadata]</summary>
internal static class MetadataName
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-.");

    // What belongs to the protocol below: fields that HTTP/2 forbids or the server writes itself.
    private static readonly FrozenSet<string> OfHttp = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "connection", "content-length", "content-type", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");

    /// <summary>Whether the name has the form of one.</summary>
    public static bool IsValid(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Whether the name belongs to gRPC or to HTTP.</summary>
    public static bool IsReserved(string name) => name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) || OfHttp.Contains(name);

    /// <summary>Whether the values of this name are bytes.</summary>
    public static bool IsBinary(string name) => name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);
}
