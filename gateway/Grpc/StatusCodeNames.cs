using System.Globalization;

namespace IotPlatform.Grpc;

/// <summary>The written forms of <see cref="StatusCode"/>.</summary>
internal static class StatusCodeNames
{
    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    private static readonly string[] Numbers = [.. Enumerable.Range(0, Names.Length).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The name in the specification, such as <c>NOT_FOUND</c>.</summary>
    public static string ToName(this StatusCode code) => Names[(int)code];

    /// <summary>The value of the <c>grpc-status</c> field.</summary>
    public static string ToNumber(this StatusCode code) => Numbers[(int)code];
}
