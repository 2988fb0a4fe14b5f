namespace IotPlatform.Topics;

/// <summary>What became of a change.</summary>
[GenerateSerializer, Alias("iot.retained-outcome")]
public enum RetainedOutcome
{
    /// <summary>It is durable.</summary>
    Done,

    /// <summary>A bound is reached; the message is not retained.</summary>
    Refused,

    /// <summary>The store did not answer, or refused to. It may have been made.</summary>
    Failed,
}
