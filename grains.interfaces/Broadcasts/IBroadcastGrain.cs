namespace IotPlatform.Broadcasts;

/// <summary>The root of one product's broadcasts. Key: <see cref="KeyOf"/>.</summary>
[Alias("iot.broadcast")]
public interface IBroadcastGrain : IGrainWithStringKey
{
    /// <summary>The key of a product's root.</summary>
    static string KeyOf(string productKey) => $"broadcast/{productKey}";

    /// <summary>
    /// Sends a broadcast down the tree, and answers with its receipt when every gateway shard has answered or was given up.
    /// Refused, and nothing sent, when too many are waiting.
    /// </summary>
    [Alias("publish")]
    Task<Reply<BroadcastReceipt>> PublishAsync(PublishBroadcast request);

    /// <summary>A receipt, live while the broadcast runs; refused when there is none.</summary>
    [Alias("get")]
    Task<Reply<BroadcastReceipt>> GetAsync(long messageId);
}

/// <summary>A broadcast to be sent.</summary>
/// <param name="Topic">Null: every online device of the product, each on its own topic. Otherwise the devices subscribed to it.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Payload">What the devices get.</param>
[GenerateSerializer, Immutable, Alias("iot.publish-broadcast")]
public sealed record PublishBroadcast(
    [property: Id(0)] string? Topic, [property: Id(1)] int QoS, [property: Id(2)] ReadOnlyMemory<byte> Payload);
