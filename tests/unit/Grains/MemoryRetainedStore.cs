using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Storage;
using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Retained messages in memory. A test can hold up or fail what is written, and sees what was.</summary>
internal sealed class MemoryRetainedStore : IRetainedStore
{
    private readonly ConcurrentDictionary<(int Shard, string Topic), RetainedMessage> _messages = new();

    /// <summary>Called with the topic before a write is made.</summary>
    public Func<string, Task> OnWrite { get; set; } = static _ => Task.CompletedTask;

    public Func<Task> OnLoad { get; set; } = static () => Task.CompletedTask;

    public ConcurrentQueue<string> Writes { get; } = new();

    public int Count => _messages.Count;

    public RetainedMessage? this[string topic] => _messages.GetValueOrDefault((RetainedShards.Of(topic), topic));

    public async Task SetAsync(int shard, RetainedMessage message)
    {
        await OnWrite(message.Topic);
        Writes.Enqueue(message.Topic);
        _messages[(shard, message.Topic)] = message;
    }

    public async Task RemoveAsync(int shard, string topic)
    {
        await OnWrite(topic);
        Writes.Enqueue($"-{topic}");
        _messages.TryRemove((shard, topic), out _);
    }

    public async Task<ImmutableArray<RetainedMessage>> LoadAsync(int shard)
    {
        await OnLoad();
        return [.. _messages.Where(m => m.Key.Shard == shard).Select(static m => m.Value)];
    }
}
