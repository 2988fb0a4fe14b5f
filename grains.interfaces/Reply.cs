namespace IotPlatform;

/// <summary>The answer to a call that may be refused: exactly one of the two is set.</summary>
[GenerateSerializer, Immutable, Alias("iot.reply`1")]
public sealed record Reply<T>([property: Id(0)] T? Value, [property: Id(1)] Refusal? Refusal)
    where T : class
{
    /// <summary>The call was done.</summary>
    public static implicit operator Reply<T>(T value) => new(value, null);

    /// <summary>The call was refused and changed nothing.</summary>
    public static implicit operator Reply<T>(Refusal refusal) => new(null, refusal);
}

/// <summary>Why a call was refused, in words a caller can act on.</summary>
[GenerateSerializer, Immutable, Alias("iot.refusal")]
public sealed record Refusal([property: Id(0)] RefusalCode Code, [property: Id(1)] string Message)
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

/// <summary>The kinds of refusal. The numbers are those of the gRPC status codes of the same name.</summary>
[GenerateSerializer, Alias("iot.refusal-code")]
public enum RefusalCode
{
    /// <summary>A field of the request is wrong.</summary>
    InvalidArgument = 3,

    /// <summary>What the request names does not exist.</summary>
    NotFound = 5,

    /// <summary>What the request would make exists.</summary>
    AlreadyExists = 6,

    /// <summary>A bound is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>The state of things does not allow it.</summary>
    FailedPrecondition = 9,
}
