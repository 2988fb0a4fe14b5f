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
    public async Task Turn_AfterConfigureAwaitFalse_RunsBesideTheActivation()
    {
        var grain = Grain<ITurnGrain>();

        var held = grain.HoldAfterConfigureAwaitFalseAsync();
        await Board.Gate(Key).ReachedAsync();
        await grain.OpenGateAsync().InTimeAsync("a call beside a held thread");

        Assert.True(await held);
    }

    [Fact]
    public async Task Turn_InTaskRun_RunsBesideTheActivation()
    {
        var grain = Grain<ITurnGrain>();

        var held = grain.HoldInTaskRunAsync();
        await Board.Gate(Key).ReachedAsync();
        await grain.OpenGateAsync().InTimeAsync("a call beside a held thread");

        Assert.True(await held);
    }
}
