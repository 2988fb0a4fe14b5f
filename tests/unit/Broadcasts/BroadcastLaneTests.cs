using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>The way from a node of the tree to one child.</summary>
public sealed class BroadcastLaneTests
{
    private static readonly ImmutableArray<IGatewayObserver> Targets = [new FakeGateway(), new FakeGateway(), new FakeGateway()];

    private readonly List<BroadcastBatch> _batches = [];
    private readonly Dictionary<BroadcastBatch, int> _targets = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<TaskCompletionSource<BroadcastTallies>> _answers = new();
    private readonly BroadcastLane _lane;

    public BroadcastLaneTests() => _lane = new BroadcastLane(Call, NullLogger.Instance);

    private long[][] Calls => [.. _batches.Select(static b => b.Messages.Select(static m => m.MessageId).ToArray())];

    [Fact]
    public async Task OneBroadcast_IsOneCall_AndItsTallyIsTheAnswer()
    {
        var tally = Send(1);
        Answer(_batches[0]);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), await tally.InTimeAsync());
        Assert.Equal([[1L]], Calls);
    }

    [Fact]
    public async Task BroadcastsDuringACall_TravelTogetherInTheNextOne_InTheirOrder()
    {
        Task<BroadcastTally>[] tallies = [.. Enumerable.Range(1, 6).Select(id => Send(id))];
        Assert.Equal([[1L]], Calls);
        Answer(_batches[0]);
        await CallsAsync(2);
        Assert.Equal([[1L], [2, 3, 4, 5, 6]], Calls);
        Answer(_batches[1]);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await Task.WhenAll(tallies).InTimeAsync()).Select(static t => t.Written));
    }

    [Fact]
    public async Task FailedCall_IsTriedOnceMore_WithTheSameBatch()
    {
        var tally = Send(1);
        _answers.Dequeue().SetException(new TimeoutException());
        await CallsAsync(2);
        Assert.Same(_batches[0], _batches[1]);
        Answer(_batches[1]);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), await tally.InTimeAsync());
    }

    [Fact]
    public async Task ChildThatFailsTwice_CountsItsTargetsAsUnknown_AndTheLaneGoesOn()
    {
        var failed = Send(1);
        var next = Send(2);
        _answers.Dequeue().SetException(new TimeoutException());
        await CallsAsync(2);
        _answers.Dequeue().SetException(new InvalidOperationException());
        Assert.Equal(new BroadcastTally(0, 0, 0, 3), await failed.InTimeAsync());
        await CallsAsync(3);
        Assert.Equal([[1L], [1], [2]], Calls);
        Answer(_batches[2]);
        Assert.Equal(2, (await next.InTimeAsync()).Written);
    }

    [Fact]
    public async Task AnswerOfAWrongLength_IsAFailure()
    {
        var tally = Send(1);
        _answers.Dequeue().SetResult(new BroadcastTallies([]));
        await CallsAsync(2);
        _answers.Dequeue().SetResult(new BroadcastTallies([default, default]));
        Assert.Equal(3, (await tally.InTimeAsync()).Unknown);
    }

    [Fact]
    public async Task Batch_HoldsAtMost256Broadcasts()
    {
        Task<BroadcastTally>[] tallies = [.. Enumerable.Range(1, 601).Select(id => Send(id))];
        await AnswerAllAsync(tallies);
        Assert.Equal([1, 256, 256, 88], Calls.Select(static c => c.Length));
        Assert.Equal(Enumerable.Range(1, 601).Select(static i => (long)i), Calls.SelectMany(static c => c));
    }

    [Fact]
    public async Task Batch_HoldsAtMostOneMebibyteOfPayload()
    {
        Task<BroadcastTally>[] tallies = [.. Enumerable.Range(1, 41).Select(id => Send(id, payloadBytes: 64 * 1024))];
        await AnswerAllAsync(tallies);
        Assert.Equal([1, 16, 16, 8], Calls.Select(static c => c.Length));
    }

    [Fact]
    public async Task Batch_WithALargerSingleBroadcast_HoldsThatOneAlone()
    {
        Task<BroadcastTally>[] tallies = [Send(1), Send(2, payloadBytes: 2 << 20), Send(3)];
        await AnswerAllAsync(tallies);
        Assert.Equal([[1L], [2], [3]], Calls);
    }

    [Fact]
    public async Task Batch_IsForOneListOfTargets()
    {
        ImmutableArray<IGatewayObserver> others = [new FakeGateway()];
        Task<BroadcastTally>[] tallies = [Send(1), Send(2), Send(3, targets: others), Send(4, targets: others)];
        await AnswerAllAsync(tallies);
        Assert.Equal([[1L], [2], [3, 4]], Calls);
    }

    private Task CallsAsync(int count) => Patience.UntilAsync(() => _batches.Count == count);

    private Task<BroadcastTallies> Call(ImmutableArray<IGatewayObserver> targets, BroadcastBatch batch)
    {
        var answer = new TaskCompletionSource<BroadcastTallies>();
        _answers.Enqueue(answer);
        _batches.Add(batch);
        _targets[batch] = targets.Length;
        return answer.Task;
    }

    private Task<BroadcastTally> Send(long id, int payloadBytes = 1, ImmutableArray<IGatewayObserver>? targets = null) =>
        SumAsync(_lane.SendAsync(new BroadcastMessage(id, "p", null, 0, new byte[payloadBytes]), targets ?? Targets));

    private static async Task<BroadcastTally> SumAsync(Task<ImmutableArray<BroadcastTally>> tallies) => (await tallies).Aggregate(static (a, b) => a + b);

    // The tally of a broadcast is its own id, so that answers can not be mixed up unseen.
    private void Answer(BroadcastBatch batch) =>
        _answers.Dequeue().SetResult(new BroadcastTallies([.. batch.Messages.SelectMany(m => Enumerable.Range(0, _targets[batch]).Select(i => i == 0 ? new BroadcastTally(m.MessageId, m.MessageId, 0, 0) : default))]));

    private async Task AnswerAllAsync(Task<BroadcastTally>[] tallies)
    {
        var all = Task.WhenAll(tallies);
        for (var i = 0; !all.IsCompleted; i++)
        {
            await Patience.UntilAsync(() => i < _batches.Count || all.IsCompleted);
            if (i < _batches.Count)
            {
                Answer(_batches[i]);
            }
        }

        Assert.Equal(tallies.Select(static (_, i) => i + 1L), tallies.Select(static t => t.Result.Written));
    }
}
