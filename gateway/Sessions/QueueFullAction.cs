namespace IotPlatform.Sessions;

/// <summary>What happens to a message for which there is no room in a session's queue.</summary>
public enum QueueFullAction
{
    /// <summary>It is dropped: what was queued first keeps its order.</summary>
    DropNewest,

    /// <summary>The oldest ones that wait are dropped for it: the client gets what is newest.</summary>
    DropOldest,
}
