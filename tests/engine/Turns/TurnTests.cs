namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class TurnTests(EngineFixture engine) : EngineTest(engine)
{
    [Fact]
    public async Task Turn_WithManyConcurrentCallers_LosesNoIncrement()
    {
        var grain = Grain<ITurnGrain>();

        var callers = Enumerable.Range(0, 300).Select(_ => Task.Run(grain.IncrementAsync));
        await Task.WhenAll(callers).InTimeAsync("300 increments");

        Assert.Equal(300, await grain.CountAsync());
    }

    [Fact]
    public async Task Turn_WithInterleavedCalls_RunsOneContinuationAtATime()
    {
        var grain = Grain<ITurnGrain>();

        var calls = Enumerable.Range(0, 16).Select(_ => grain.TakeTurnsAsync(200));
        await Task.WhenAll(calls).InTimeAsync("3200 turns");

        Assert.Equal(1, Board.Meter(Key).Most);
    }

    [Fact]
    public async Task Turn_WithTimerTicksBesideCalls_RunsOneAtATime()
    {
        var grain = Grain<ITurnGrain>();
        await grain.StartTimerAsync();

        do
        {
            await grain.TakeTurnsAsync(200).InTimeAsync("200 turns");
        }
        while (Journal.Count("tick") < 20);

        Assert.Equal(1, Board.Meter(Key).Most);
    }

    [Fact]
    public async Task ThreadHeld_InATurn_HoldsTheActivation()
    {
        var held = Grain<ITurnGrain>().HoldThreadAsync(TurnPlace.AfterAwait);
        await Board.Gate(Key).ReachedAsync();

        var passing = Task.Run(() => Grain<ITurnGrain>().PassAsync());
        await TicksPassAsync(10);
        Assert.Empty(Journal.Entries);

        Board.Gate(Key).Open();
        await Task.WhenAll(held, passing).InTimeAsync("both calls");
        Assert.Equal(["held", "passed"], Journal.Entries);
    }

    [Theory]
    [InlineData(TurnPlace.AfterConfigureAwaitFalse)]
    [InlineData(TurnPlace.InTaskRun)]
    public async Task ThreadHeld_OutsideOfTurns_DoesNotHoldTheActivation(TurnPlace place)
    {
        var held = Grain<ITurnGrain>().HoldThreadAsync(place);
        await Board.Gate(Key).ReachedAsync();

        await Grain<ITurnGrain>().PassAsync().InTimeAsync("a call beside a held thread");
        Assert.Equal(["passed"], Journal.Entries);

        Board.Gate(Key).Open();
        await held.InTimeAsync("the held call");
    }
}
