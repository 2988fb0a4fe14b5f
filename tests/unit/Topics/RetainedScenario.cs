using System.Text;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>The grains of retained messages on a real engine, asked by topic and by filter as a gateway does.</summary>
internal sealed class RetainedScenario : IAsyncDisposable
{
    private GrainHost _host;

    public RetainedScenario(Action<TopicOptions>? configure = null)
    {
        _host = new GrainHost();
        configure?.Invoke(_host.TopicOptions);
    }

    public ManualTime Time => _host.Time;

    public MemoryRetainedStore Store => _host.Retained;

    public IRetainedGrain GrainOf(string topic) => _host.Engine.GetGrain<IRetainedGrain>(RetainedShards.KeyOf(RetainedShards.Of(topic)));

    /// <summary>Names that are all of one shard, which is also that of the given one.</summary>
    public static string[] TopicsBeside(string topic, int count) =>
        [.. Enumerable.Range(0, int.MaxValue).Select(i => $"{topic}/{i}").Where(t => RetainedShards.Of(t) == RetainedShards.Of(topic)).Take(count)];

    public RetainedMessage Message(string topic, string payload = "p", TimeSpan? expiry = null) =>
        new(topic, Encoding.UTF8.GetBytes(payload), QoS: 1, default, Time.GetUtcNow(), Time.GetUtcNow() + expiry);

    public Task<Refusal?> SetAsync(string topic, string payload = "p", TimeSpan? expiry = null) =>
        GrainOf(topic).SetAsync(Message(topic, payload, expiry)).InTimeAsync();

    public Task RemoveAsync(string topic) => GrainOf(topic).RemoveAsync(topic).InTimeAsync();

    public RetainedChange Change(string topic, string? payload, bool clearsWhenRefused = false) =>
        new(topic, payload is null ? null : Message(topic, payload), clearsWhenRefused);

    /// <summary>All changes in one batch, which must be of one shard.</summary>
    public async Task<RetainedOutcome[]> ApplyAsync(params RetainedChange[] changes) =>
        [.. (await GrainOf(changes[0].Topic).ApplyAsync(new RetainedBatch([.. changes])).InTimeAsync()).Outcomes];

    /// <summary>What one topic retains; null for nothing.</summary>
    public async Task<string?> PayloadOfAsync(string topic) => (await MatchAsync(topic)).Select(static m => TextOf(m)).SingleOrDefault();

    /// <summary>What all shards have for a filter, page by page.</summary>
    public async Task<List<RetainedMessage>> MatchAsync(string filter)
    {
        var messages = new List<RetainedMessage>();
        for (var shard = 0; shard < RetainedShards.Count; shard++)
        {
            var grain = _host.Engine.GetGrain<IRetainedGrain>(RetainedShards.KeyOf(shard));
            for (var request = new MatchRetained([filter]); request is not null;)
            {
                var page = await grain.MatchAsync(request).InTimeAsync();
                messages.AddRange(page.Matches.Select(static m => m.Message));
                request = request.Next(page);
            }
        }

        return messages;
    }

    public async Task<string[]> TopicsAsync(string filter) => [.. (await MatchAsync(filter)).Select(static m => m.Topic).Order(StringComparer.Ordinal)];

    /// <summary>Ends every grain, and starts anew on the same store, as a new process does.</summary>
    public async Task RestartAsync()
    {
        var before = _host;
        _host = new GrainHost(before);
        await before.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    public static string TextOf(RetainedMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
