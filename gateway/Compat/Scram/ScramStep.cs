namespace IotPlatform.Compat.Scram;

/// <summary>Where an authentication stands.</summary>
internal enum ScramStep
{
    /// <summary>None is under way.</summary>
    Idle,

    /// <summary>The client is to say who it is.</summary>
    AwaitingFirst,

    /// <summary>The client is to prove it.</summary>
    AwaitingFinal,

    /// <summary>What it has shown is being judged.</summary>
    Judging,
}
