namespace IotPlatform.Grpc;

/// <summary>How a call ended; the numbers are gRPC's. [grpc/doc/statuscodes.md]</summary>
internal enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The caller gave the call up.</summary>
    Cancelled = 1,

    /// <summary>Nobody said why it failed.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The time the caller gave has passed; the work may still have been done.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be made exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A quota, a queue or a buffer is full.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is in the wrong state; repeating does not help before that changes.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict with another call; repeat at a higher level.</summary>
    Aborted = 10,

    /// <summary>Past the end of what there is.</summary>
    OutOfRange = 11,

    /// <summary>The server does not have this method.</summary>
    Unimplemented = 12,

    /// <summary>An invariant is broken.</summary>
    Internal = 13,

    /// <summary>Not now; repeat with backoff.</summary>
    Unavailable = 14,

    /// <summary>Data is lost beyond repair.</summary>
    DataLoss = 15,

    /// <summary>The caller showed no valid key.</summary>
    Unauthenticated = 16,
}
