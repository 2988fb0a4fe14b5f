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
}
