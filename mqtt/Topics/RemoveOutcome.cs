namespace IotPlatform.Mqtt.Topics;

/// <summary>What removing from a <see cref="SubscriptionTrie{TSubscriber,TValue}"/> changed.</summary>
public enum RemoveOutcome : byte
{
    /// <summary>There was no such subscription.</summary>
    NotFound = 0,

    /// <summary>Removed; the filter has other subscribers.</summary>
    Removed = 1,

    /// <summary>Removed; nobody subscribes to this filter any more.</summary>
    RemovedLast = 2,
}
