namespace IotPlatform;

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
