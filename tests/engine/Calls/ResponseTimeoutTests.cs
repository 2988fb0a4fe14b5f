namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class ResponseTimeoutTests(EngineFixture engine) : EngineTest(engine)
{
    private ICallGrain Subject => Grain<ICallGrain>();

    [Fact]
    public async Task Call_BeyondItsMethodsTimeout_FailsAndTheCalleeRunsOn()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Subject.HoldASecondAtMostAsync());
        Assert.Empty(Journal.Entries);

        Board.Gate(Key).Open();

        await Journal.ReachesAsync("ends");
    }

    [Fact]
    public async Task Call_BeyondTheEnginesTimeout_FailsAndTheCalleeRunsOn()
    {
        await using var host = await Engine.StartAsync(new() { ResponseTimeout = TimeSpan.FromSeconds(1) });

        await Assert.ThrowsAsync<TimeoutException>(() => host.Grains.GetGrain<ICallGrain>(Key).HoldAsync());
        Assert.Empty(Journal.Entries);

        Board.Gate(Key).Open();
        await Journal.ReachesAsync("ends");
    }

    [Fact]
    public async Task Call_BehindOneThatTimedOut_StillWaitsForIt()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Subject.HoldASecondAtMostAsync());

        var next = Subject.CallsAsync();
        await Grains.GetGrain<ICallGrain>(EngineFixture.NewKey()).CallsAsync();
        Assert.False(next.IsCompleted);

        Board.Gate(Key).Open();
        Assert.Equal(1, await next.InTimeAsync("the next call"));
    }
}
