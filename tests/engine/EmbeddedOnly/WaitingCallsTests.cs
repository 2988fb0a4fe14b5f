using IotPlatform.Embedded;

namespace IotPlatform.Engine.Tests;

// Orleans has a meter of its own for what is under way.
[Collection(EngineCollection.Name)]
public sealed class WaitingCallsTests(EngineFixture engine) : EngineTest(engine)
{
    [Fact]
    public async Task Call_UntilItIsAnswered_IsCountedAsWaiting()
    {
        await using var host = await Engine.StartAsync(new());
        var embedded = (EmbeddedEngine)host.Grains;
        var held = host.Grains.GetGrain<ICallGrain>(Key).HoldAsync();
        Assert.Contains(("ICallGrain.HoldAsync", 1), embedded.WaitingCalls);

        Board.Gate(Key).Open();
        await held.InTimeAsync("the answer");

        Assert.Contains(("ICallGrain.HoldAsync", 0), embedded.WaitingCalls);
    }

    [Fact]
    public async Task Call_ThatTimesOut_IsNotCountedAnyMore()
    {
        await using var host = await Engine.StartAsync(new());

        await Assert.ThrowsAsync<TimeoutException>(() => host.Grains.GetGrain<ICallGrain>(Key).HoldASecondAtMostAsync());

        Assert.Contains(("ICallGrain.HoldASecondAtMostAsync", 0), ((EmbeddedEngine)host.Grains).WaitingCalls);
        Board.Gate(Key).Open();
    }
}
