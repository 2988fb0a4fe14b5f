using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>What a shard of retained messages keeps, and promises.</summary>
public sealed class RetainedGrainTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RetainedScenario _retained = new();

    public ValueTask DisposeAsync() => _retained.DisposeAsync();

    [Fact]
    public async Task Message_WhenSet_IsFoundByItsTopicAndByFilters()
    {
        await _retained.SetAsync("rooms/1/light", "on");
        await _retained.SetAsync("rooms/2/light", "off");
        await _retained.SetAsync("$SYS/load", "1");
        Assert.Equal("on", await _retained.PayloadOfAsync("rooms/1/light"));
        Assert.Null(await _retained.PayloadOfAsync("rooms/1"));
        Assert.Equal(["rooms/1/light", "rooms/2/light"], await _retained.TopicsAsync("rooms/+/light"));
        Assert.Equal(["rooms/1/light", "rooms/2/light"], await _retained.TopicsAsync("#"));
        Assert.Equal(["$SYS/load"], await _retained.TopicsAsync("$SYS/#"));
    }

    [Fact]
    public async Task Message_KeepsEveryField()
    {
        var message = _retained.Message("a", "hello", Minute) with { QoS = 2, Properties = new byte[] { 1, 1 } };
        await _retained.GrainOf("a").SetAsync(message);
        Assert.Equal(message, Assert.Single(await _retained.MatchAsync("a")));
        await _retained.RestartAsync();
        Assert.Equal(message, Assert.Single(await _retained.MatchAsync("a")));
    }

    [Fact]
    public async Task Message_SetAgain_TakesThePlaceOfTheEarlier()
    {
        await _retained.SetAsync("a", "1");
        await _retained.SetAsync("a", "2");
        Assert.Equal("2", await _retained.PayloadOfAsync("a"));
        await _retained.RestartAsync();
        Assert.Equal("2", await _retained.PayloadOfAsync("a"));
    }

    [Fact]
    public async Task Message_WhenRemoved_IsGoneForGood()
    {
        await _retained.SetAsync("a");
        await _retained.RemoveAsync("a");
        Assert.Null(await _retained.PayloadOfAsync("a"));
        Assert.Empty(await _retained.MatchAsync("#"));
        await _retained.RestartAsync();
        Assert.Null(await _retained.PayloadOfAsync("a"));
        await _retained.RemoveAsync("a");
    }

    [Fact]
    public async Task Set_IsAnswered_OnlyOnceItIsStored()
    {
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _retained.Store.OnWrite = _ => writing.Task;
        var set = _retained.GrainOf("a").SetAsync(_retained.Message("a"));

        // A match neither waits for the disk nor sees what is not on it.
        Assert.Null(await _retained.PayloadOfAsync("a"));
        Assert.False(set.IsCompleted);
        writing.SetResult();
        Assert.Null(await set.InTimeAsync());
        Assert.NotNull(_retained.Store["a"]);
        Assert.Equal("p", await _retained.PayloadOfAsync("a"));
    }

    [Fact]
    public async Task Sets_ThatComeWhileOneIsStored_KeepTheirOrderAndShareTheNextRound()
    {
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _retained.Store.OnWrite = _ => writing.Task;
        var beside = RetainedScenario.TopicsBeside("a", 1)[0];
        var grain = _retained.GrainOf("a");
        Task[] changes =
        [
            grain.SetAsync(_retained.Message("a", "1")),
            grain.SetAsync(_retained.Message("a", "2")),
            grain.SetAsync(_retained.Message(beside, "x")),
            grain.RemoveAsync("a"),
            grain.SetAsync(_retained.Message("a", "3")),
        ];
        writing.SetResult();
        await Task.WhenAll(changes).InTimeAsync();

        Assert.Equal("3", await _retained.PayloadOfAsync("a"));
        Assert.Equal("x", await _retained.PayloadOfAsync(beside));
        Assert.Equal(["a", "a", beside], _retained.Store.Writes);
    }

    [Fact]
    public async Task Set_ThatTheStoreRefuses_FailsAlone_AndMayBeRepeated()
    {
        var beside = RetainedScenario.TopicsBeside("a", 1)[0];
        await _retained.SetAsync("a", "old");
        _retained.Store.OnWrite = topic => topic == "a" ? Task.FromException(new StoreUnavailableException()) : Task.CompletedTask;

        var outcomes = await _retained.ApplyAsync(_retained.Change("a", "new"), _retained.Change(beside, "x"), _retained.Change("a", "newer"));
        Assert.Equal([RetainedOutcome.Failed, RetainedOutcome.Done, RetainedOutcome.Failed], outcomes);
        Assert.Equal("old", await _retained.PayloadOfAsync("a"));
        Assert.Equal("x", await _retained.PayloadOfAsync(beside));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _retained.SetAsync("a", "new"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _retained.RemoveAsync("a"));

        _retained.Store.OnWrite = static _ => Task.CompletedTask;
        await _retained.SetAsync("a", "new");
        Assert.Equal("new", await _retained.PayloadOfAsync("a"));
    }

    // A write that failed may have been made: ending what is not known to be there must reach the store.
    [Fact]
    public async Task Remove_OfWhatIsNotThere_ReachesTheStore()
    {
        await _retained.RemoveAsync("a");
        Assert.Equal(["-a"], _retained.Store.Writes);
    }

    [Fact]
    public async Task Shard_ThatCanNotBeLoaded_AnswersOnceItCan()
    {
        await _retained.SetAsync("a");
        await _retained.RestartAsync();
        _retained.Store.OnLoad = static () => Task.FromException(new StoreUnavailableException());
        await Assert.ThrowsAnyAsync<Exception>(() => _retained.PayloadOfAsync("a"));
        _retained.Store.OnLoad = static () => Task.CompletedTask;
        Assert.Equal("p", await _retained.PayloadOfAsync("a"));
    }

    [Fact]
    public async Task Message_WhoseTimeIsUp_IsNotFound_AndItsRowGoes()
    {
        await _retained.SetAsync("a", expiry: Minute);
        await _retained.SetAsync("b", expiry: 2 * Minute);
        await _retained.SetAsync("c");
        _retained.Time.Advance(Minute - TimeSpan.FromTicks(1));
        Assert.Equal(["a", "b", "c"], await _retained.TopicsAsync("#"));
        _retained.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["b", "c"], await _retained.TopicsAsync("#"));
        Assert.Null(await _retained.PayloadOfAsync("a"));

        _retained.Time.Advance(Minute);
        await Patience.UntilAsync(() => _retained.Store["a"] is null && _retained.Store["b"] is null);
        Assert.Equal(["c"], await _retained.TopicsAsync("#"));
    }

    [Fact]
    public async Task Message_ThatExpiredWhileNobodyLooked_IsNotFoundAfterARestart_AndItsRowGoes()
    {
        await _retained.SetAsync("a", expiry: Minute);
        await _retained.RestartAsync();
        _retained.Time.Advance(Minute);
        Assert.Null(await _retained.PayloadOfAsync("a"));
        _retained.Time.Advance(TimeSpan.FromSeconds(1));
        await Patience.UntilAsync(() => _retained.Store["a"] is null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10)]
    public async Task Message_SetAgainBeforeItEnds_HasTheNewEnd(int? minutes)
    {
        await _retained.SetAsync("a", "1", expiry: Minute);
        await _retained.SetAsync("a", "2", expiry: minutes * Minute);
        _retained.Time.Advance(5 * Minute);
        Assert.Equal("2", await _retained.PayloadOfAsync("a"));
        Assert.NotNull(_retained.Store["a"]);
    }

    [Fact]
    public async Task Sweep_ThatMeetsANewMessage_LeavesIt()
    {
        await _retained.SetAsync("a", "old", expiry: TimeSpan.FromSeconds(5));
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _retained.Store.OnWrite = _ => writing.Task;
        var set = _retained.GrainOf("a").SetAsync(_retained.Message("a", "new"));

        // The sweep is due while the new message is on its way into the store.
        _retained.Time.Advance(TimeSpan.FromSeconds(10));
        writing.SetResult();
        await set.InTimeAsync();
        await _retained.SetAsync(RetainedScenario.TopicsBeside("a", 1)[0]);
        Assert.Equal("new", await _retained.PayloadOfAsync("a"));
        Assert.Equal("new", RetainedScenario.TextOf(_retained.Store["a"]!));
    }

    [Fact]
    public async Task Sweep_ThatTheStoreRefuses_IsRepeated()
    {
        await _retained.SetAsync("a", expiry: Minute);
        var attempts = 0;
        _retained.Store.OnWrite = _ => Interlocked.Increment(ref attempts) == 1 ? Task.FromException(new StoreUnavailableException()) : Task.CompletedTask;
        _retained.Time.Advance(Minute);
        await Patience.UntilAsync(() => _retained.Time.TimersDueIn(Minute / 2) == 1, "the next attempt to be awaited");
        Assert.Equal(1, Volatile.Read(ref attempts));
        _retained.Time.Advance(Minute / 2);
        await Patience.UntilAsync(() => _retained.Store["a"] is null);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Message_WithTheLongestExpiry_IsKept()
    {
        await _retained.SetAsync("a", expiry: TimeSpan.FromSeconds(uint.MaxValue));
        _retained.Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal("p", await _retained.PayloadOfAsync("a"));
    }
}
