namespace IotPlatform.Engine.Tests;

// What must not happen is given twenty periods, counted by another grain's timer, to happen in.
[Collection(TimerCollection.Name)]
public sealed class TimerTests(EngineFixture engine) : EngineTest(engine)
{
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private ITimerGrain Subject => Grain<ITimerGrain>();

    [Fact]
    public async Task Timer_WithAPeriod_TicksAgainAndAgain()
    {
        await Subject.StartAsync(TimerPlan.Periodic());

        await Journal.ReachesAsync("tick", 5);
    }

    [Fact]
    public async Task Timer_GivenState_PassesItToItsCallback()
    {
        await Subject.StartWithStateAsync("state");

        await Journal.ReachesAsync("state");
    }

    [Fact]
    public async Task Timer_WhileItsTickRuns_DoesNotTickAgain()
    {
        await Subject.StartAsync(TimerPlan.Periodic(Tick.Hold) with { Interleave = true });
        await Board.Gate(Key, "tick").ReachedAsync();

        await TicksPassAsync(20);
        Assert.Equal(["tick"], Journal.Entries);

        Board.Gate(Key, "tick").Open();
        await Journal.ReachesAsync("tick", 5);
        Assert.Equal(1, Board.Meter(Key).Most);
    }

    [Fact]
    public async Task TimerPeriod_AfterALongTick_CountsFromItsEnd()
    {
        var period = TimeSpan.FromMilliseconds(200);
        await Subject.StartAsync(TimerPlan.Periodic(Tick.Hold) with { Period = period });
        await Board.Gate(Key, "tick").ReachedAsync();
        await TicksPassAsync(20);

        Board.Gate(Key, "tick").Open();
        await Journal.ReachesAsync("tick", 3);

        // The system's clock ticks may end a wait some milliseconds early.
        Assert.True(Board.Meter(Key).ShortestPause > period * 0.8, $"Ticks were only {Board.Meter(Key).ShortestPause} apart.");
    }

    [Fact]
    public async Task Timer_WhileARequestRuns_Waits()
    {
        var request = Subject.StartAndHoldAsync(TimerPlan.Periodic());
        await Board.Gate(Key, "request").ReachedAsync();

        await TicksPassAsync(20);
        Assert.Empty(Journal.Entries);

        Board.Gate(Key, "request").Open();
        await request.InTimeAsync("the request");
        await Journal.ReachesAsync("tick");
        Assert.Equal("request ends", Journal.Entries[0]);
    }

    [Fact]
    public async Task InterleavingTimer_WhileARequestRuns_Ticks()
    {
        var request = Subject.StartAndHoldAsync(TimerPlan.Periodic() with { Interleave = true });

        await Journal.ReachesAsync("tick", 3);

        Board.Gate(Key, "request").Open();
        await request.InTimeAsync("the request");
    }

    [Fact]
    public async Task Request_WhileATickRuns_Waits()
    {
        await Subject.StartAsync(TimerPlan.Periodic(Tick.Hold));
        await Board.Gate(Key, "tick").ReachedAsync();

        var waiting = Subject.StartWithStateAsync("state");
        Assert.False(await Subject.IsTokenCancelledAsync());
        Assert.False(waiting.IsCompleted);

        Board.Gate(Key, "tick").Open();
        await waiting.InTimeAsync("the request behind a tick");
    }

    [Fact]
    public async Task Timer_WhoseCallbackThrows_GoesOn()
    {
        await Subject.StartAsync(TimerPlan.Periodic(Tick.Throw, Tick.Throw));

        await Journal.ReachesAsync("tick", 4);
    }

    [Fact]
    public async Task Timer_WithAnInfinitePeriod_TicksOnce()
    {
        await Subject.StartAsync(TimerPlan.Periodic() with { Period = Never });
        await Journal.ReachesAsync("tick");

        await TicksPassAsync(20);

        Assert.Equal(1, Journal.Count("tick"));
    }

    [Fact]
    public async Task Timer_WithAnInfiniteDueTime_TicksOnlyOnceChanged()
    {
        await Subject.StartAsync(TimerPlan.Periodic() with { DueTime = Never });
        await TicksPassAsync(20);
        Assert.Empty(Journal.Entries);

        await Subject.ChangeAsync(TimerPlan.Soon, TimerPlan.Soon);

        await Journal.ReachesAsync("tick", 3);
    }

    [Fact]
    public async Task Timer_WithADueTimeOfZero_TicksAtOnce()
    {
        await Subject.StartAsync(TimerPlan.Periodic() with { DueTime = TimeSpan.Zero, Period = Never });

        await Journal.ReachesAsync("tick");
    }

    [Fact]
    public async Task Timer_ChangedInItsCallback_ObeysAtTheCallbacksEnd()
    {
        await Subject.StartAsync(TimerPlan.Periodic(Tick.ChangeToOneMore));
        await Journal.ReachesAsync("tick", 2);

        await TicksPassAsync(20);

        Assert.Equal(2, Journal.Count("tick"));
    }

    [Fact]
    public async Task Timer_ChangedWhileItsCallbackRuns_ObeysAtTheCallbacksEnd()
    {
        await Subject.StartAsync(TimerPlan.Periodic(Tick.Hold) with { Interleave = true });
        await Board.Gate(Key, "tick").ReachedAsync();

        await Subject.ChangeAsync(TimeSpan.Zero, TimerPlan.Soon);
        await TicksPassAsync(20);
        Assert.Equal(1, Journal.Count("tick"));

        Board.Gate(Key, "tick").Open();
        await Journal.ReachesAsync("tick", 3);
    }

    [Fact]
    public async Task Timer_ChangedToNever_Stops()
    {
        await Subject.StartAsync(TimerPlan.Periodic());
        await Journal.ReachesAsync("tick", 2);

        await Subject.ChangeAsync(Never, Never);
        await TicksPassAsync(5);
        var ticks = Journal.Count("tick");
        await TicksPassAsync(20);

        Assert.Equal(ticks, Journal.Count("tick"));
    }

    [Fact]
    public async Task Timer_Disposed_StopsAndCancelsItsToken()
    {
        await Subject.StartAsync(TimerPlan.Periodic());
        await Journal.ReachesAsync("tick", 2);

        await Subject.StopAsync();
        Assert.True(await Subject.IsTokenCancelledAsync());
        await TicksPassAsync(5);
        var ticks = Journal.Count("tick");
        await TicksPassAsync(20);

        Assert.Equal(ticks, Journal.Count("tick"));
    }

    [Fact]
    public async Task Timer_DisposedInItsCallback_TicksNoMore()
    {
        await Subject.StartAsync(TimerPlan.Periodic(Tick.Count, Tick.Dispose));
        await Journal.ReachesAsync("tock", 2);

        await TicksPassAsync(20);

        Assert.Equal(2, Journal.Count("tick"));
    }

    [Fact]
    public async Task Timer_ChangedAfterItsDisposal_DoesNothing()
    {
        await Subject.StartAsync(TimerPlan.Periodic() with { DueTime = Never });
        await Subject.StopAsync();

        await Subject.ChangeAsync(TimeSpan.Zero, TimerPlan.Soon);
        await Subject.StopAsync();

        await TicksPassAsync(10);
        Assert.Empty(Journal.Entries);
    }

    [Fact]
    public async Task Timer_AtDeactivation_StopsAndCancelsItsToken()
    {
        await Subject.StartAsync(TimerPlan.Periodic());
        await Journal.ReachesAsync("tick");

        await Subject.DeactivateAsync();
        await Journal.ReachesAsync("deactivated, token cancelled");
        await TicksPassAsync(20);

        Assert.Equal("deactivated, token cancelled", Journal.Entries[^1]);
    }

    [Fact]
    public async Task Timer_MadeInOnActivate_DoesNotTickBeforeActivationEnds()
    {
        var call = Grain<IEarlyTimerGrain>().PassAsync();
        await Board.Gate(Key).ReachedAsync();

        await TicksPassAsync(20);
        Assert.Equal(["timer made"], Journal.Entries);

        Board.Gate(Key).Open();
        await call.InTimeAsync("the call that activated the grain");
        await Journal.ReachesAsync("tick");
        Assert.Equal(["timer made", "active"], Journal.Entries.Take(2));
    }

    [Fact]
    public async Task Timer_WithANegativePeriod_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Subject.StartAsync(TimerPlan.Periodic() with { Period = TimeSpan.FromSeconds(-2) }));
}
