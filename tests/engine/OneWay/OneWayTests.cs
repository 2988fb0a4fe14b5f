namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class OneWayTests(EngineFixture engine) : EngineTest(engine)
{
    private IOneWayGrain Subject => Grain<IOneWayGrain>();

    [Fact]
    public async Task OneWayCall_WhileTheCalleeRuns_IsComplete()
    {
        await Subject.HoldAsync().InTimeAsync("a one-way call");
        await Board.Gate(Key).ReachedAsync();
        Assert.Empty(Journal.Entries);

        Board.Gate(Key).Open();
        await Journal.ReachesAsync("ends");
    }

    [Fact]
    public async Task OneWayCall_ThatFails_SaysNothing()
    {
        await Subject.FailAsync().InTimeAsync("a one-way call");

        await Journal.ReachesAsync("fails");
        await Subject.PassAsync().InTimeAsync("a call after the failed one");
    }
}
