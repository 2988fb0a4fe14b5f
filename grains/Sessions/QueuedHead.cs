namespace IotPlatform.Sessions;

/// <summary>What is known of a queued message while the message itself is only in the store.</summary>
/// <param name="QoS">1 or 2.</param>
/// <param name="Bytes">What it counts for in the session's bound.</param>
/// <param name="PublishId">What all copies of a QoS 2 message are known by; 0 for none.</param>
/// <param name="ExpiresAt">When it ends; null: never.</param>
/// <param name="IsReleased">The client has it and waits for its release.</param>
/// <param name="MayHaveBeenSent">By an earlier activation, which is not known any more.</param>
public readonly record struct QueuedHead(int QoS, int Bytes, long PublishId, DateTimeOffset? ExpiresAt, bool IsReleased, bool MayHaveBeenSent);
