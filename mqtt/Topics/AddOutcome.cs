namespace IotPlatform.Mqtt.Topics;

/// <summary>What adding to a <see cref="SubscriptionTrie{TSubscriber,TValue}"/> changed.</summary>
public enum AddOutcome : byte
{
    /// <summary>Nobody subscribed to this filter before.</summary>
    AddedFirst = 0,

    /// <summary>The filter had subscribers, this one is new.</summary>
    Added = 1,

    /// <summary>The subscriber had this filter already; its value is replaced.</summary>
    Replaced = 2,
}
