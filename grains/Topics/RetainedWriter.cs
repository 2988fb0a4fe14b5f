using System.Collections.Immutable;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Topics;

/// <summary>
/// Makes changes to one shard, first in the store and then in memory. One round of writes is under way at a time; what comes meanwhile goes into the next
/// one together, so that changes keep their order and share commits. What has been overtaken within its round is not written: it is durable by what came
/// after it. Runs in its grain's turns.
/// </summary>
/// <remarks>Full action: a change past <see cref="WaitingMax"/> is refused.</remarks>
internal sealed partial class RetainedWriter(
    int shard, RetainedTopics topics, IRetainedStore store, TopicOptions options, TopicInstruments instruments, TimeProvider time, ILogger logger)
{
    /// <summary>Changes that may wait: each gateway has one batch under way.</summary>
    public const int WaitingMax = 65_536;

    /// <summary>Changes in a round, unless a single batch has more: enough to hide a commit's cost.</summary>
    private const int RoundLengthMax = 1_000;

    private readonly int _countMax = options.RetainedMax / RetainedShards.Count;
    private readonly long _bytesMax = options.RetainedBytesMax / RetainedShards.Count;
    private readonly Queue<Waiting> _waiting = new();
    private int _waitingCount;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes changes.</summary>
    /// <returns>What became of each of them; never fails.</returns>
    public Task<ImmutableArray<RetainedOutcome>> ApplyAsync(ImmutableArray<RetainedChange> changes) => EnqueueAsync(new Waiting(changes, IsSweep: false));

    /// <summary>Ends the messages of these topics, where they have expired by the time it is their turn.</summary>
    public Task<ImmutableArray<RetainedOutcome>> ExpireAsync(ImmutableArray<string> expired) =>
        EnqueueAsync(new Waiting([.. expired.Select(static topic => new RetainedChange(topic, null, ClearsWhenRefused: false))], IsSweep: true));

    /// <summary>Completes once nothing is being written.</summary>
    public Task DrainAsync() => _running;

    private Task<ImmutableArray<RetainedOutcome>> EnqueueAsync(Waiting waiting)
    {
        if (_waitingCount + waiting.Changes.Length > WaitingMax)
        {
            instruments.Refused(waiting.Changes.Length);
            Array.Fill(waiting.Outcomes, RetainedOutcome.Refused);
            return Task.FromResult<ImmutableArray<RetainedOutcome>>([.. waiting.Outcomes]);
        }

        _waiting.Enqueue(waiting);
        _waitingCount += waiting.Changes.Length;
        if (_running.IsCompleted)
        {
            _running = RunAsync();
        }

        return waiting.Done.Task;
    }

    private async Task RunAsync()
    {
        var batches = new List<Waiting>();
        while (_waiting.Count > 0)
        {
            batches.Clear();
            for (var length = 0; _waiting.TryPeek(out var next) && (length == 0 || length + next.Changes.Length <= RoundLengthMax);)
            {
                length += next.Changes.Length;
                batches.Add(_waiting.Dequeue());
            }

            await WriteAsync(batches);
            foreach (var batch in batches)
            {
                _waitingCount -= batch.Changes.Length;
                batch.Done.SetResult([.. batch.Outcomes]);
            }
        }
    }

    private async Task WriteAsync(List<Waiting> batches)
    {
        var round = Plan(batches);
        var failed = await StoreAsync(round);
        var (countBefore, bytesBefore) = (topics.Count, topics.Bytes);
        foreach (var (topic, message) in round)
        {
            if (failed is null || !failed.Contains(topic))
            {
                topics.Set(topic, message);
            }
        }

        instruments.Changed(topics.Count - countBefore, topics.Bytes - bytesBefore);
        if (failed is not null)
        {
            Fail(batches, failed);
        }
    }

    /// <summary>Judges the changes one after the other, each on top of those before it.</summary>
    /// <returns>What the round leaves for each topic that it changes.</returns>
    private Dictionary<string, RetainedMessage?> Plan(List<Waiting> batches)
    {
        var now = time.GetUtcNow();
        var round = new Dictionary<string, RetainedMessage?>(StringComparer.Ordinal);
        var (count, bytes) = (topics.Count, topics.Bytes);
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Changes.Length; i++)
            {
                var change = batch.Changes[i];
                var before = round.TryGetValue(change.Topic, out var planned) ? planned : topics.Find(change.Topic);
                if (batch.IsSweep)
                {
                    if (before is null || !RetainedTopics.IsExpired(before, now))
                    {
                        continue;
                    }

                    instruments.Expired();
                }

                var wanted = change.Message;
                if (wanted is not null && !Fits(before, wanted, count, bytes))
                {
                    batch.Outcomes[i] = RetainedOutcome.Refused;
                    instruments.Refused();
                    if (!change.ClearsWhenRefused)
                    {
                        continue;
                    }

                    wanted = null;
                }

                count += (wanted is null ? 0 : 1) - (before is null ? 0 : 1);
                bytes += BytesOf(wanted) - BytesOf(before);
                round[change.Topic] = wanted;
            }
        }

        return round;
    }

    // What makes nothing larger fits even where the settings have been lowered below what is there.
    private bool Fits(RetainedMessage? before, RetainedMessage wanted, int count, long bytes)
    {
        var growth = BytesOf(wanted) - BytesOf(before);
        return (before is not null || count < _countMax) && (growth <= 0 || bytes + growth <= _bytesMax);
    }

    private static int BytesOf(RetainedMessage? message) => message is null ? 0 : RetainedTopics.BytesOf(message);

    /// <summary>Writes a round, all of it at once.</summary>
    /// <returns>The topics that could not be written; null for none.</returns>
    private async Task<HashSet<string>?> StoreAsync(Dictionary<string, RetainedMessage?> round)
    {
        var writes = new List<(string Topic, Task Write)>(round.Count);
        foreach (var (topic, message) in round)
        {
            writes.Add((topic, StoreAsync(topic, message)));
        }

        HashSet<string>? failed = null;
        foreach (var (topic, write) in writes)
        {
            try
            {
                await write;
            }
            catch (Exception exception)
            {
                if (failed is null)
                {
                    // One is told for all of a round: their causes are the same as a rule.
                    LogNotStored(logger, exception, shard);
                }

                (failed ??= new HashSet<string>(StringComparer.Ordinal)).Add(topic);
            }
        }

        return failed;
    }

    // Also where nothing is known to be there: a write that failed may have been made.
    private async Task StoreAsync(string topic, RetainedMessage? message) =>
        await (message is null ? store.RemoveAsync(shard, topic) : store.SetAsync(shard, message));

    private static void Fail(List<Waiting> batches, HashSet<string> failed)
    {
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Changes.Length; i++)
            {
                if (batch.Outcomes[i] == RetainedOutcome.Done && failed.Contains(batch.Changes[i].Topic))
                {
                    batch.Outcomes[i] = RetainedOutcome.Failed;
                }
            }
        }
    }

    [LoggerMessage(3301, LogLevel.Warning, "Retained messages of shard {Shard} could not be stored; those who published them are told")]
    private static partial void LogNotStored(ILogger logger, Exception exception, int shard);

    /// <param name="Changes">What is to be done.</param>
    /// <param name="IsSweep">Only where the topic's message has expired.</param>
    private sealed record Waiting(ImmutableArray<RetainedChange> Changes, bool IsSweep)
    {
        public RetainedOutcome[] Outcomes { get; } = new RetainedOutcome[Changes.Length];

        public TaskCompletionSource<ImmutableArray<RetainedOutcome>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
