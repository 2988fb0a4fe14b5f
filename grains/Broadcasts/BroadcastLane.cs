using System.Collections.Immutable;
using System.Diagnostics;
using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Broadcasts;

/// <summary>
/// The way from a node of the tree to one child. At most one call is under way; what comes meanwhile travels together in the next one, in its order.
/// That keeps the order of broadcasts, and makes calls larger instead of more: a device gets all of a call in one send. Runs in its grain's turns. Bounded by what the
/// root admits.
/// </summary>
internal sealed partial class BroadcastLane(Func<ImmutableArray<IGatewayObserver>, BroadcastBatch, Task<BroadcastTallies>> send, ILogger logger)
{
    /// <summary>Broadcasts in one call: their payloads stay below the size of a message between processes.</summary>
    private const int BatchLengthMax = 256;

    /// <summary>Payload bytes in one call, unless a single broadcast is larger.</summary>
    private const int BatchBytesMax = 1 << 20;

    /// <summary>The part of a call's time that the next one is held back for, at most.</summary>
    private const int GatheringShare = 4;

    private static readonly TimeSpan GatheringMax = TimeSpan.FromMilliseconds(5);

    private readonly Queue<Passenger> _waiting = new();
    private bool _isBusy;

    /// <summary>Set while the next call is held back, until so many wait.</summary>
    private (TaskCompletionSource Done, int Aim)? _gathering;

    /// <returns>A tally for each target.</returns>
    public Task<ImmutableArray<BroadcastTally>> SendAsync(BroadcastMessage message, ImmutableArray<IGatewayObserver> targets)
    {
        var passenger = new Passenger(message, targets);
        _waiting.Enqueue(passenger);
        if (_gathering is { } gathering && _waiting.Count >= gathering.Aim)
        {
            gathering.Done.TrySetResult();
        }

        if (!_isBusy)
        {
            _isBusy = true;
            _ = RunAsync();
        }

        return passenger.Tallies.Task;
    }

    private async Task RunAsync()
    {
        // All that its grain has been called with at once goes together: a relay is handed whole batches.
        await Task.Yield();
        var batch = new List<Passenger>();
        while (TakeBatch(batch))
        {
            var began = Stopwatch.GetTimestamp();
            var tallies = await SendBatchAsync(batch);
            var targets = batch[0].Targets.Length;
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Tallies.SetResult(tallies.Slice(i * targets, targets));
            }

            if (batch.Count > 1)
            {
                await GatherAsync(batch.Count, Stopwatch.GetElapsedTime(began));
            }
        }

        _isBusy = false;
    }

    // Whoever calls with several broadcasts at once calls again when he is answered: half of them would else travel in every other call, each to every device by itself.
    // By the wall clock: it is no time that anybody is told of.
    private async Task GatherAsync(int answered, TimeSpan took)
    {
        var aim = Math.Min(answered + _waiting.Count, BatchLengthMax);
        if (_waiting.Count >= aim)
        {
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gathering = (done, aim);
        var share = took / GatheringShare;
        await Task.WhenAny(done.Task, Task.Delay(share < GatheringMax ? share : GatheringMax));
        _gathering = null;
    }

    private bool TakeBatch(List<Passenger> batch)
    {
        batch.Clear();
        var bytes = 0;
        while (batch.Count < BatchLengthMax
            && _waiting.TryPeek(out var next)
            && (batch.Count == 0 || (batch[0].Targets == next.Targets && bytes + next.Message.Payload.Length <= BatchBytesMax)))
        {
            bytes += next.Message.Payload.Length;
            batch.Add(_waiting.Dequeue());
        }

        return batch.Count > 0;
    }

    // Once more after a failure: gateways answer a batch that they have written before with the same tallies.
    private async Task<ImmutableArray<BroadcastTally>> SendBatchAsync(List<Passenger> batch)
    {
        var targets = batch[0].Targets;
        var messages = new BroadcastBatch([.. batch.Select(static p => p.Message)]);
        return await TrySendAsync(targets, messages)
            ?? await TrySendAsync(targets, messages)
            ?? [.. Enumerable.Repeat(BroadcastTally.OfUnknown, batch.Count * targets.Length)];
    }

    private async Task<ImmutableArray<BroadcastTally>?> TrySendAsync(ImmutableArray<IGatewayObserver> targets, BroadcastBatch batch)
    {
        try
        {
            var answer = await send(targets, batch);
            return answer.Tallies.Length == batch.Messages.Length * targets.Length ? answer.Tallies : null;
        }
        catch (Exception exception)
        {
            LogChildFailed(logger, exception, targets.Length);
            return null;
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "A part of the broadcast tree with {Targets} gateway shards did not answer")]
    private static partial void LogChildFailed(ILogger logger, Exception exception, int targets);

    private sealed record Passenger(BroadcastMessage Message, ImmutableArray<IGatewayObserver> Targets)
    {
        public TaskCompletionSource<ImmutableArray<BroadcastTally>> Tallies { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
