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

    // A lane runs in its grain's turns.
    private readonly TaskFactory _turns = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly List<BroadcastBatch> _batches = [];
    private readonly Dictionary<BroadcastBatch, int> _targets = new(ReferenceEqualityComparer.Instance);
    private readonly List<TaskCompletionSource<BroadcastTallies>> _answers = [];
    private readonly BroadcastLane _lane;

    public BroadcastLaneTests() => _lane = new BroadcastLane(Call, NullLogger.Instance);

    private long[][] Calls => [.. _batches.Select(static b => b.Messages.Select(static m => m.MessageId).ToArray())];

    [Fact]
    public async Task OneBroadcast_IsOneCall_AndItsTallyIsTheAnswer()
    {
        var tally = Send(1);
        await CallsAsync(1);
        await AnswerAsync(0);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), await tally.InTimeAsync());
        Assert.Equal([[1L]], Calls);
    }

    [Fact]
    public async Task BroadcastsDuringACall_TravelTogetherInTheNextOne_InTheirOrder()
    {
        var first = Send(1);
        await CallsAsync(1);
        var others = SendAll(2, 5);
        Assert.Equal([[1L]], Calls);
        await AnswerAsync(0);
        await CallsAsync(2);
        Assert.Equal([[1L], [2, 3, 4, 5, 6]], Calls);
        await AnswerAsync(1);
        Assert.Equal([1, 2, 3, 4, 5, 6], (await Task.WhenAll([first, .. others]).InTimeAsync()).Select(static t => t.Written));
    }

    [Fact]
    public async Task BroadcastsOfOneTurn_TravelTogether()
    {
        var tallies = SendAll(1, 3);
        await CallsAsync(1);
        await AnswerAsync(0);
        await Task.WhenAll(tallies).InTimeAsync();
        Assert.Equal([[1L, 2, 3]], Calls);
    }

    [Fact]
    public async Task CallersWhoAreAnsweredAndCallAgain_TravelWithThoseWhoWaited()
    {
        var first = SendAll(1, 3);
        await CallsAsync(1);
        var waiting = SendAll(4, 3);
        await Task.Delay(100);
        await AnswerAsync(0, then: () => SendInTurn(7, 3));
        await CallsAsync(2);
        await AnswerAsync(1);
        await Task.WhenAll([.. first, .. waiting]).InTimeAsync();
        Assert.Equal([[1L, 2, 3], [4, 5, 6, 7, 8, 9]], Calls);
    }

    [Fact]
    public async Task NextCall_DoesNotWaitForCallersWhoDoNotCallAgain()
    {
        var first = SendAll(1, 3);
        await CallsAsync(1);
        var waiting = SendAll(4, 3);
        await AnswerAsync(0);
        await CallsAsync(2);
        await AnswerAsync(1);
        await Task.WhenAll([.. first, .. waiting]).InTimeAsync();
        Assert.Equal([[1L, 2, 3], [4, 5, 6]], Calls);
    }

    [Fact]
    public async Task FailedCall_IsTriedOnceMore_WithTheSameBatch()
    {
        var tally = Send(1);
        await CallsAsync(1);
        await FailAsync(0, new TimeoutException());
        await CallsAsync(2);
        Assert.Same(_batches[0], _batches[1]);
        await AnswerAsync(1);
        Assert.Equal(new BroadcastTally(1, 1, 0, 0), await tally.InTimeAsync());
    }

    [Fact]
    public async Task ChildThatFailsTwice_CountsItsTargetsAsUnknown_AndTheLaneGoesOn()
    {
        var failed = Send(1);
        await CallsAsync(1);
        var next = Send(2);
        await FailAsync(0, new TimeoutException());
        await CallsAsync(2);
        await FailAsync(1, new InvalidOperationException());
        Assert.Equal(new BroadcastTally(0, 0, 0, 3), await failed.InTimeAsync());
        await CallsAsync(3);
        Assert.Equal([[1L], [1], [2]], Calls);
        await AnswerAsync(2);
        Assert.Equal(2, (await next.InTimeAsync()).Written);
    }

    [Fact]
    public async Task AnswerOfAWrongLength_IsAFailure()
    {
        var tally = Send(1);
        await CallsAsync(1);
        await AnswerAsync(0, new BroadcastTallies([]));
        await CallsAsync(2);
        await AnswerAsync(1, new BroadcastTallies([default, default]));
        Assert.Equal(3, (await tally.InTimeAsync()).Unknown);
    }

    [Fact]
    public async Task Batch_HoldsAtMost256Broadcasts()
    {
        await AnswerAllAsync(SendAll(1, 601));
        Assert.Equal([256, 256, 89], Calls.Select(static c => c.Length));
        Assert.Equal(Enumerable.Range(1, 601).Select(static i => (long)i), Calls.SelectMany(static c => c));
    }

    [Fact]
    public async Task Batch_HoldsAtMostOneMebibyteOfPayload()
    {
        await AnswerAllAsync(SendAll(1, 41, payloadBytes: 64 * 1024));
        Assert.Equal([16, 16, 9], Calls.Select(static c => c.Length));
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
        await AnswerAllAsync([.. SendAll(1, 2), .. SendAll(3, 2, targets: others)]);
        Assert.Equal([[1L, 2], [3, 4]], Calls);
    }

    private Task CallsAsync(int count) => Patience.UntilAsync(() => _batches.Count == count);

    private Task<BroadcastTallies> Call(ImmutableArray<IGatewayObserver> targets, BroadcastBatch batch)
    {
        var answer = new TaskCompletionSource<BroadcastTallies>();
        _answers.Add(answer);
        _batches.Add(batch);
        _targets[batch] = targets.Length;
        return answer.Task;
    }

    private Task<BroadcastTally> Send(int id, int payloadBytes = 1) => SendAll(id, 1, payloadBytes)[0];

    private Task<BroadcastTally>[] SendAll(int firstId, int count, int payloadBytes = 1, ImmutableArray<IGatewayObserver>? targets = null)
    {
        var turn = _turns.StartNew(() => SendInTurn(firstId, count, payloadBytes, targets));
        return [.. Enumerable.Range(0, count).Select(async i => await (await turn)[i])];
    }

    private Task<BroadcastTally>[] SendInTurn(int firstId, int count, int payloadBytes = 1, ImmutableArray<IGatewayObserver>? targets = null) =>
        [.. Enumerable.Range(firstId, count).Select(id => SumAsync(_lane.SendAsync(new BroadcastMessage(id, "p", null, 0, new byte[payloadBytes]), targets ?? Targets)))];

    private static async Task<BroadcastTally> SumAsync(Task<ImmutableArray<BroadcastTally>> tallies) => (await tallies).Aggregate(static (a, b) => a + b);

    // The tally of a broadcast is its own id, so that answers can not be mixed up unseen.
    private Task AnswerAsync(int call, Action? then = null)
    {
        var batch = _batches[call];
        return AnswerAsync(
            call,
            new BroadcastTallies([.. batch.Messages.SelectMany(m => Enumerable.Range(0, _targets[batch]).Select(i => i == 0 ? new BroadcastTally(m.MessageId, m.MessageId, 0, 0) : default))]),
            then);
    }

    private Task AnswerAsync(int call, BroadcastTallies tallies, Action? then = null) => _turns.StartNew(() =>
    {
        _answers[call].SetResult(tallies);
        then?.Invoke();
    });

    private Task FailAsync(int call, Exception exception) => _turns.StartNew(() => _answers[call].SetException(exception));

    private async Task AnswerAllAsync(Task<BroadcastTally>[] tallies)
    {
        var all = Task.WhenAll(tallies);
        for (var i = 0; !all.IsCompleted; i++)
        {
            await Patience.UntilAsync(() => i < _batches.Count || all.IsCompleted);
            if (i < _batches.Count)
            {
                await AnswerAsync(i);
            }
        }

        Assert.Equal(tallies.Select(static (_, i) => i + 1L), tallies.Select(static t => t.Result.Written));
    }
}
