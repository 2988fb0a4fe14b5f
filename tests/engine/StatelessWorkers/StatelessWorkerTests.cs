namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class StatelessWorkerTests(EngineFixture engine) : EngineTest(engine)
{
    [Fact]
    public async Task StatelessWorker_WithManyCalls_RunsAsManyAtOnceAsItHasWorkers()
    {
        var calls = Enumerable.Range(0, 12).Select(_ => Grain<IWorkerGrain>().WorkAsync()).ToArray();
        await Journal.ReachesAsync("starts", 3);
        await TicksPassAsync(5);
        Assert.Equal(3, Journal.Count("starts"));

        Board.Gate(Key).Open();
        await Task.WhenAll(calls).InTimeAsync("12 calls to 3 workers");

        Assert.Equal(3, Board.Meter(Key).Most);
        Assert.Equal(12, Journal.Count("starts"));
    }
}
