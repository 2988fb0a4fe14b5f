namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class ActivationTests(EngineFixture engine) : EngineTest(engine)
{
    private ILifeGrain Subject => Grain<ILifeGrain>();

    [Fact]
    public async Task Activation_ByMakingAReference_DoesNotHappen()
    {
        _ = Subject;
        await Grains.GetGrain<ILifeGrain>(EngineFixture.NewKey()).ActivationAsync();

        Assert.Empty(Journal.Entries);
    }

    [Fact]
    public async Task Activation_ByTheFirstCall_HappensOnce()
    {
        Assert.Equal(1, await Subject.ActivationAsync());
        Assert.Equal(1, await Subject.ActivationAsync());

        Assert.Equal(["made", "activated"], Journal.Entries);
    }

    [Fact]
    public async Task Activation_ByManyFirstCallsAtOnce_HappensOnce()
    {
        var calls = Enumerable.Range(0, 100).Select(_ => Task.Run(() => Subject.ActivationAsync()));

        var activations = await Task.WhenAll(calls).InTimeAsync("100 first calls");

        Assert.All(activations, activation => Assert.Equal(1, activation));
        Assert.Equal(["made", "activated"], Journal.Entries);
    }

    [Fact]
    public async Task Call_WhileOnActivateRuns_Waits()
    {
        Board.OnActivate(Key, _ => Board.Gate(Key).PassAsync());

        var call = Subject.ActivationAsync();
        await Board.Gate(Key).ReachedAsync();
        var interleaving = Subject.ActivationInterleavingAsync();
        await Grains.GetGrain<ILifeGrain>(EngineFixture.NewKey()).ActivationAsync();
        Assert.False(call.IsCompleted);
        Assert.False(interleaving.IsCompleted);

        Board.Gate(Key).Open();
        Assert.Equal(1, await call.InTimeAsync("the call that activated the grain"));
        await interleaving.InTimeAsync("the call that waited for activation");
    }

    [Fact]
    public async Task Activation_WhenOnActivateThrows_FailsTheWaitingCallsWithTheCause()
    {
        Board.OnActivate(Key, async _ =>
        {
            await Board.Gate(Key).PassAsync();
            throw new InvalidOperationException("There is no such device.");
        });

        var first = Subject.ActivationAsync();
        await Board.Gate(Key).ReachedAsync();
        var second = Subject.ActivationAsync();
        Board.Gate(Key).Open();

        foreach (var call in new[] { first, second })
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => call.InTimeAsync("a call to a grain that cannot activate"));
            Assert.Equal("There is no such device.", exception.Message);
        }

        Assert.Equal(["made"], Journal.Entries);
    }

    [Fact]
    public async Task Activation_AfterAFailedOne_StartsAfresh()
    {
        Board.OnActivate(Key, _ => throw new InvalidOperationException("Not yet."));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Subject.ActivationAsync().InTimeAsync("a call to a grain that cannot activate"));

        Board.OnActivate(Key, _ => Task.CompletedTask);

        Assert.Equal(1, await Subject.ActivationAsync().InTimeAsync("a call after the failed one"));
        Assert.Equal(["made", "made", "activated"], Journal.Entries);
    }

    [Fact]
    public async Task Activation_ThatOutlivesItsTimeout_IsCancelledAndFails()
    {
        await using var host = await Engine.StartAsync(new() { ActivationTimeout = TimeSpan.FromSeconds(1) });
        Board.OnActivate(Key, token => Task.Delay(Timeout.Infinite, token));

        await Assert.ThrowsAnyAsync<Exception>(() => host.Grains.GetGrain<ILifeGrain>(Key).ActivationAsync().InTimeAsync("a call to a grain that hangs"));

        Assert.Equal(["made"], Journal.Entries);
    }

    [Fact]
    public async Task Activation_WhenTheConstructorThrows_FailsTheCallWithTheCause()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => Grain<IBrokenGrain>().PassAsync().InTimeAsync("a call to a grain that cannot be made"));

        Assert.Contains("This grain cannot be made.", exception.ToString(), StringComparison.Ordinal);
    }
}
