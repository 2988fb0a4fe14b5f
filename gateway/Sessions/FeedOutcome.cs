namespace IotPlatform.Sessions;

/// <summary>What became of a retained message that was to be sent.</summary>
internal enum FeedOutcome
{
    /// <summary>It was sent, or is not wanted any more.</summary>
    Done,

    /// <summary>The client takes no more just now.</summary>
    Full,

    /// <summary>So much has been published meanwhile that what was read has to be read again.</summary>
    Stale,

    /// <summary>Nothing more is to be sent: the session has ended, or its client is away and its queue is full.</summary>
    Ended,
}
