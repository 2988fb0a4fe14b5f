using System.Collections.Immutable;
using IotPlatform.Topics;

namespace IotPlatform.Storage;

/// <summary>Retained messages, by shard of their topics. Every write is durable when its task completes.</summary>
public interface IRetainedStore
{
    /// <summary>Stores a message, over an earlier one of the same topic.</summary>
    /// <param name="shard">The shard that the topic belongs to; always the same for one topic.</param>
    /// <param name="message">The message.</param>
    Task SetAsync(int shard, RetainedMessage message);

    /// <summary>Removes a topic's message, if there is one.</summary>
    Task RemoveAsync(int shard, string topic);

    /// <summary>All messages of a shard.</summary>
    Task<ImmutableArray<RetainedMessage>> LoadAsync(int shard);
}
