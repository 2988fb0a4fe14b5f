namespace IotPlatform;

/// <summary>Why a call was refused, in words a caller can act on.</summary>
/// <param name="Code">The kind of refusal.</param>
/// <param name="Message">Which field or state, and why.</param>
/// <param name="RetryAfter">When the same request may succeed, where that is known.</param>
[GenerateSerializer, Immutable, Alias("iot.refusal")]
public sealed record Refusal([property: Id(0)] RefusalCode Code, [property: Id(1)] string Message, [property: Id(2)] TimeSpan? RetryAfter = null)
{
    /// <summary>A field of the request is wrong.</summary>
    public static Refusal Invalid(string message) => new(RefusalCode.InvalidArgument, message);

    /// <summary>What the request names does not exist.</summary>
    public static Refusal NotFound(string message) => new(RefusalCode.NotFound, message);

    /// <summary>What the request would make exists.</summary>
    public static Refusal AlreadyExists(string message) => new(RefusalCode.AlreadyExists, message);

    /// <summary>The request is fine, the state of things is not.</summary>
    public static Refusal FailedPrecondition(string message) => new(RefusalCode.FailedPrecondition, message);

    /// <summary>A bound is reached; the same request may succeed later.</summary>
    public static Refusal ResourceExhausted(string message) => new(RefusalCode.ResourceExhausted, message);
}
