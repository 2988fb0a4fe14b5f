namespace IotPlatform.Sessions;

/// <summary>What became of a publish for sessions.</summary>
[GenerateSerializer, Alias("iot.session-publish-outcome")]
public enum SessionPublishOutcome
{
    /// <summary>It is stored for every session that it is for, as far as their bounds let them take it.</summary>
    Done,

    /// <summary>The one session that it was for has no room for it.</summary>
    Dropped,

    /// <summary>The session that it was for is not there any more, or no session of a shared subscription is.</summary>
    Unserved,

    /// <summary>It could not be stored.</summary>
    Failed,
}
