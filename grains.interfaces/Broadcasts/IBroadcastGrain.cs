namespace IotPlatform.Broadcasts;

/// <summary>The root of one product's broadcasts. Key: <see cref="KeyOf"/>.</summary>
[Alias("iot.broadcast")]
public interface IBroadcastGrain : IGrainWithStringKey
{
    /// <summary>The key of a product's root.</summary>
    static string KeyOf(string productKey) => $"broadcast/{productKey}";

    /// <summary>
    /// Sends a broadcast down the tree, and answers with its receipt when every gateway shard has answered or was given up.
    /// Refused, and nothing sent, when too many are waiting. The time for it is that of a child that is tried twice, a relay or a shard that works off what came
    /// before, and some: a caller is to get the receipt that says what is unknown, and not to wonder himself.
    /// </summary>
    [Alias("publish"), ResponseTimeout("00:00:30")]
    Task<Reply<BroadcastReceipt>> PublishAsync(PublishBroadcast request);

    /// <summary>A receipt, live while the broadcast runs; refused when there is none.</summary>
    [Alias("get")]
    Task<Reply<BroadcastReceipt>> GetAsync(long messageId);

    /// <summary>Receipts, newest first, live where the broadcasts run.</summary>
    /// <param name="before">Only older ones; null: from the newest on.</param>
    /// <param name="size">How many at most.</param>
    [Alias("list")]
    Task<BroadcastPage> ListAsync(long? before, int size);

    /// <summary>The devices that were to get a QoS 1 broadcast and have not acknowledged it. Refused for a broadcast at QoS 0.</summary>
    /// <param name="messageId">The broadcast.</param>
    /// <param name="after">Only names behind this one; null: from the first on.</param>
    /// <param name="size">How many at most.</param>
    [Alias("list-unacknowledged")]
    Task<Reply<DeviceNamePage>> ListUnacknowledgedAsync(long messageId, string? after, int size);

    /// <summary>Sends a QoS 1 broadcast again, to the devices that have not acknowledged it and are online. Refused for a broadcast at QoS 0, or one that was cancelled.</summary>
    /// <returns>The receipt, once all of them have been written to, or a few seconds have passed.</returns>
    [Alias("retry"), ResponseTimeout("00:00:30")]
    Task<Reply<BroadcastReceipt>> RetryAsync(long messageId);

    /// <summary>Ends a broadcast that still goes on: whom it has not reached it does not reach. Refused where it does not.</summary>
    [Alias("cancel")]
    Task<Reply<BroadcastReceipt>> CancelAsync(long messageId);

    /// <summary>Some of its broadcasts run, as the store says: they are to be followed.</summary>
    [Alias("follow")]
    Task FollowAsync();
}
