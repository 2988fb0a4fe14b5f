namespace IotPlatform.Delivery;

/// <summary>Why a message was not written to a device. The values of the <c>reason</c> tag.</summary>
internal static class DropReason
{
    public const string Slow = "slow";
    public const string QueueFull = "queue_full";
    public const string TooLarge = "too_large";
    public const string PeerFull = "peer_full";
    public const string Offline = "offline";
    public const string Expired = "expired";
    public const string NotPermitted = "not_permitted";
    public const string InvalidTopic = "invalid_topic";
}
