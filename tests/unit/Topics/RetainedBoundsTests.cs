using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>What is refused when a shard is full. Each of these has 10 messages and 1,000 bytes a shard.</summary>
public sealed class RetainedBoundsTests : IAsyncDisposable
{
    private readonly RetainedScenario _retained = new(static options => (options.RetainedMax, options.RetainedBytesMax) = (160, 16_000));
    private readonly string[] _topics = RetainedScenario.TopicsBeside("t", 12);

    public ValueTask DisposeAsync() => _retained.DisposeAsync();

    [Fact]
    public async Task Message_BeyondTheNumber_IsRefused_UntilOneGoes()
    {
        await FillAsync();
        var refusal = await _retained.SetAsync(_topics[10]);
        Assert.Equal(RefusalCode.ResourceExhausted, refusal!.Code);
        Assert.Null(await _retained.PayloadOfAsync(_topics[10]));
        Assert.Null(_retained.Store[_topics[10]]);

        // In the place of one that is there, it fits.
        Assert.Null(await _retained.SetAsync(_topics[0], "other"));
        await _retained.RemoveAsync(_topics[0]);
        Assert.Null(await _retained.SetAsync(_topics[10]));
        Assert.Equal(10, _retained.Store.Count);
    }

    [Fact]
    public async Task Message_BeyondTheBytes_IsRefused_AndTheOneBeforeItStays()
    {
        await _retained.SetAsync(_topics[0], new string('x', 400));
        await _retained.SetAsync(_topics[1], new string('y', 400));
        Assert.NotNull(await _retained.SetAsync(_topics[2], new string('z', 400)));
        Assert.NotNull(await _retained.SetAsync(_topics[0], new string('z', 700)));
        Assert.Equal(new string('x', 400), await _retained.PayloadOfAsync(_topics[0]));
        Assert.Null(await _retained.SetAsync(_topics[0], new string('z', 100)));
        Assert.Null(await _retained.SetAsync(_topics[2], new string('z', 400)));
    }

    [Fact]
    public async Task Topic_CountsItsBytesInUtf8()
    {
        var topic = RetainedScenario.TopicsBeside(new string('温', 330), 1)[0];
        Assert.NotNull(await _retained.SetAsync(topic, new string('x', 20)));
    }

    [Fact]
    public async Task Batch_IsJudgedChangeByChange()
    {
        await FillAsync();
        var outcomes = await _retained.ApplyAsync(
            _retained.Change(_topics[10], "no"),
            _retained.Change(_topics[0], null),
            _retained.Change(_topics[10], "yes"),
            _retained.Change(_topics[11], "no"),
            _retained.Change(_topics[10], null),
            _retained.Change(_topics[11], "yes"));
        Assert.Equal(
            [RetainedOutcome.Refused, RetainedOutcome.Done, RetainedOutcome.Done, RetainedOutcome.Refused, RetainedOutcome.Done, RetainedOutcome.Done], outcomes);
        Assert.Equal((null, null, "yes"), (await PayloadAsync(0), await PayloadAsync(10), await PayloadAsync(11)));
    }

    // A publisher that can not be told must not leave behind what is no longer true.
    [Fact]
    public async Task Refusal_ThatNobodyIsToldOf_ClearsTheTopic()
    {
        await _retained.SetAsync(_topics[0], "old");
        Assert.Equal([RetainedOutcome.Refused], await _retained.ApplyAsync(_retained.Change(_topics[0], new string('x', 1_000), clearsWhenRefused: true)));
        Assert.Null(await PayloadAsync(0));
        Assert.Null(_retained.Store[_topics[0]]);
    }

    [Fact]
    public async Task Change_BeyondWhatMayWait_IsRefused()
    {
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _retained.Store.OnWrite = _ => writing.Task;
        var first = _retained.ApplyAsync(_retained.Change(_topics[0], "1"));
        var many = _retained.ApplyAsync([.. Enumerable.Repeat(_retained.Change(_topics[1], "2"), RetainedWriter.WaitingMax - 1)]);
        Assert.Equal([RetainedOutcome.Refused], await _retained.ApplyAsync(_retained.Change(_topics[2], "3")));
        writing.SetResult();
        Assert.Equal([RetainedOutcome.Done], await first);
        Assert.All(await many, static outcome => Assert.Equal(RetainedOutcome.Done, outcome));
        Assert.Equal([RetainedOutcome.Done], await _retained.ApplyAsync(_retained.Change(_topics[2], "3")));
    }

    [Fact]
    public async Task Shard_ThatHoldsMoreThanItMay_TakesWhatMakesItNoLarger()
    {
        await FillAsync();
        await using var smaller = new RetainedScenario(static options => (options.RetainedMax, options.RetainedBytesMax) = (16, 16_384));
        foreach (var topic in _topics[..3])
        {
            await smaller.Store.SetAsync(RetainedShards.Of(topic), smaller.Message(topic, "old"));
        }

        Assert.NotNull(await smaller.SetAsync(_topics[3]));
        Assert.Null(await smaller.SetAsync(_topics[0], "new"));
        Assert.Equal("new", await smaller.PayloadOfAsync(_topics[0]));
    }

    private Task<string?> PayloadAsync(int index) => _retained.PayloadOfAsync(_topics[index]);

    private async Task FillAsync()
    {
        foreach (var topic in _topics[..10])
        {
            Assert.Null(await _retained.SetAsync(topic));
        }
    }
}
