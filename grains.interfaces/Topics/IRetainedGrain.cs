using Orleans.Concurrency;

namespace IotPlatform.Topics;

/// <summary>
/// The retained messages of one shard of all topics. Key: <see cref="RetainedShards.KeyOf"/>. At-least-once: a call that failed may have been applied, and every
/// call may be repeated; calls that wait for their answers keep their order.
/// </summary>
[Alias("iot.retained")]
public interface IRetainedGrain : IGrainWithStringKey
{
    /// <summary>Retains a message, in the place of an earlier one of its topic: it is durable once this has answered.</summary>
    /// <returns>Null, or why it is not retained: then nothing has changed.</returns>
    [Alias("set")]
    Task<Refusal?> SetAsync(RetainedMessage message);

    /// <summary>Ends a topic's retained message, if there is one: for good once this has answered.</summary>
    [Alias("remove")]
    Task RemoveAsync(string topic);

    /// <summary>Makes changes one after the other, as a gateway collects them. What has answered is durable.</summary>
    [Alias("apply")]
    Task<RetainedOutcomes> ApplyAsync(RetainedBatch batch);

    /// <summary>
    /// What is retained for topic filters: for one after the other, each in the order of the topics, up to <see cref="RetainedPage.BytesMax"/> an answer.
    /// </summary>
    [Alias("match"), ReadOnly]
    Task<RetainedPage> MatchAsync(MatchRetained request);
}
