using System.Collections.Concurrent;
using System.Globalization;
using IotPlatform.Routing.Peers;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Routing.Peers;

/// <summary>The way of publishes to another gateway.</summary>
public sealed class PeerOutboxTests : IDisposable
{
    private const int MiB = 1 << 20;
    private const string Share = "$share/g/t";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly PeerHost _host = new();
    private readonly FakePeer _peer = new();
    private readonly ConcurrentQueue<TaskCompletionSource<RoutedReply>> _answers = new();
    private readonly ConcurrentQueue<(string Topic, string Shares)> _rerouted = new();
    private readonly PeerOutbox _outbox;
    private Task<bool>? _reroute;

    public PeerOutboxTests()
    {
        _peer.OnPublish = _ =>
        {
            var answer = new TaskCompletionSource<RoutedReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            _answers.Enqueue(answer);
            return answer.Task;
        };
        _outbox = new PeerOutbox(PeerHost.Lease("p", 1, _peer), _host.Self, new CallNumbers(), Reroute, _host.Instruments, _host.Time, NullLogger.Instance);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Publish_IsAccepted_WhenTheGatewayHasTakenIt()
    {
        var accepted = Add("a");
        var batch = await NextBatchAsync();
        Assert.Equal((_host.Self.Gateway, _host.Self.Epoch), (batch.From, batch.Epoch));
        Assert.Equal("a", Topics(batch));
        Assert.False(accepted.IsCompleted);
        Answer();
        await accepted.InTimeAsync();
    }

    [Fact]
    public async Task PublishesDuringACall_TravelTogetherInTheNextOne_InTheirOrder()
    {
        _ = Add("a");
        var first = await NextBatchAsync();
        Task[] accepted = [Add("b"), Add("c"), Add("d")];
        Assert.Single(_peer.Batches);
        Answer();
        var second = await NextBatchAsync(2);
        Assert.Equal("b c d", Topics(second));
        Assert.True(second.Number > first.Number);
        Answer();
        await Task.WhenAll(accepted).InTimeAsync();
    }

    [Fact]
    public async Task LongQueue_TravelsInBatchesOfABoundedLength()
    {
        _ = Add("first");
        await NextBatchAsync();
        Task[] accepted = [.. Enumerable.Range(0, 1_025).Select(i => Add(i.ToString(CultureInfo.InvariantCulture)))];
        Answer();
        Assert.Equal(1_024, (await NextBatchAsync(2)).Messages.Length);
        Answer();
        Assert.Equal("1024", Topics(await NextBatchAsync(3)));
        Answer();
        await Task.WhenAll(accepted).InTimeAsync();
    }

    [Fact]
    public async Task LargePublishes_TravelInBatchesOfABoundedSize()
    {
        _ = Add("first");
        await NextBatchAsync();
        Task[] accepted = [Add("a", MiB / 2), Add("b", MiB / 2), Add("c", MiB / 2)];
        Answer();
        Assert.Equal("a b", Topics(await NextBatchAsync(2)));
        Answer();
        Assert.Equal("c", Topics(await NextBatchAsync(3)));
        Answer();
        await Task.WhenAll(accepted).InTimeAsync();
    }

    [Fact]
    public async Task CallThatFails_IsMadeAgain_WithTheSameNumber_AndNothingOvertakesIt()
    {
        var a = Add("a");
        var first = await NextBatchAsync();
        var b = Add("b");
        Fail();
        await RetryAsync();
        Assert.Same(first, await NextBatchAsync(2));
        Fail();
        await RetryAsync();
        Assert.Same(first, await NextBatchAsync(3));
        Answer();
        await a.InTimeAsync();
        Assert.Equal("b", Topics(await NextBatchAsync(4)));
        Assert.False(b.IsCompleted);
        Answer();
        await b.InTimeAsync();
    }

    [Fact]
    public async Task FullOutbox_RefusesMore_UntilThereIsRoom()
    {
        _ = Add("first");
        await NextBatchAsync();
        var count = 0;
        while (_outbox.TryAdd(PeerHost.Publish("big", MiB - 256 - 3), null))
        {
            count++;
        }

        Assert.Equal(32, count);
        Assert.False(_outbox.TryAdd(PeerHost.Publish("small"), null));
        Answer();
        await NextBatchAsync(2);
        Assert.True(_outbox.TryAdd(PeerHost.Publish("small"), null));
    }

    [Fact]
    public async Task Metric_TellsTheBytesThatWait()
    {
        using var waiting = new InstrumentSum(_host.Instruments, "iot.gateway.peers.queue");
        _ = Add("first");
        await NextBatchAsync();
        _ = Add("second", 1_000);
        Assert.Equal(256 + 6 + 1_000, waiting.Value);
        Answer();
        await NextBatchAsync(2);
        Assert.Equal(0, waiting.Value);
    }

    [Fact]
    public async Task UnservedShare_IsGivenToAnother_AndAcceptedWhenThatOneHasIt()
    {
        var taken = new TaskCompletionSource<bool>();
        _reroute = taken.Task;
        _ = Add("first");
        await NextBatchAsync();
        var served = Add("a", 1, Share);
        var unserved = Add("b", 1, Share, "$share/h/t");
        Answer();
        await NextBatchAsync(2);
        Answer(new UnservedShare(1, Share));
        await served.InTimeAsync();
        await Patience.UntilAsync(() => !_rerouted.IsEmpty);
        Assert.Equal(("b", Share), Assert.Single(_rerouted));
        Assert.False(unserved.IsCompleted);
        taken.SetResult(true);
        await unserved.InTimeAsync();
    }

    [Fact]
    public async Task Close_EndsTheWaiting_AndGivesSharesToOthers()
    {
        Task[] accepted = [Add("a", 1, Share)];
        await NextBatchAsync();
        accepted = [.. accepted, Add("b"), Add("c", 1, Share, "$share/h/t")];
        _outbox.Close();
        Fail();
        await RetryAsync();
        await Task.WhenAll(accepted).InTimeAsync();
        Assert.Equal([("a", Share), ("c", $"{Share} $share/h/t")], _rerouted);
        Assert.Single(_peer.Batches);
    }

    [Fact]
    public async Task Close_WhileACallIsAnswered_TakesTheAnswer()
    {
        var accepted = Add("a", 1, Share);
        await NextBatchAsync();
        _outbox.Close();
        Answer();
        await accepted.InTimeAsync();
        Assert.Empty(_rerouted);
    }

    [Fact]
    public async Task PublishAfterClose_IsAccepted_AndItsSharesAreGivenToOthers()
    {
        _outbox.Close();
        await Add("a").InTimeAsync();
        Assert.Empty(_rerouted);

        var taken = new TaskCompletionSource<bool>();
        _reroute = taken.Task;
        var accepted = Add("b", 1, Share);
        await Patience.UntilAsync(() => !_rerouted.IsEmpty);
        Assert.Equal(("b", Share), Assert.Single(_rerouted));
        Assert.False(accepted.IsCompleted);
        taken.SetResult(true);
        await accepted.InTimeAsync();
        Assert.Empty(_peer.Batches);
    }

    private static string Topics(RoutedBatch batch) => string.Join(' ', batch.Messages.Select(PeerHost.TopicOf));

    private Task<bool>? Reroute(RoutedPublish message, IReadOnlyList<string> shares)
    {
        _rerouted.Enqueue((PeerHost.TopicOf(message), string.Join(' ', shares)));
        return _reroute;
    }

    private Task<bool> Add(string topic, int bytes = 1, params string[] shares)
    {
        var accepted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(_outbox.TryAdd(PeerHost.Publish(topic, bytes, shares), accepted));
        return accepted.Task;
    }

    private async Task<RoutedBatch> NextBatchAsync(int count = 1)
    {
        await Patience.UntilAsync(() => _peer.Batches.Count == count);
        return _peer.Batches.Last();
    }

    private void Answer(params UnservedShare[] unserved)
    {
        Assert.True(_answers.TryDequeue(out var answer));
        answer.SetResult(new RoutedReply([.. unserved]));
    }

    private void Fail()
    {
        Assert.True(_answers.TryDequeue(out var answer));
        answer.SetException(new TimeoutException());
    }

    private async Task RetryAsync()
    {
        await Patience.UntilAsync(() => _host.Time.TimersDueIn(RetryInterval) == 1);
        _host.Time.Advance(RetryInterval);
    }
}
