namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class DeactivationTests(EngineFixture engine) : EngineTest(engine)
{
    private ILifeGrain Subject => Grain<ILifeGrain>();

    [Fact]
    public async Task DeactivateOnIdle_InACall_DeactivatesAndTheNextCallActivatesAfresh()
    {
        await Subject.DeactivateAsync();
        await Journal.ReachesAsync("deactivated (ApplicationRequested)");

        Assert.Equal(2, await Subject.ActivationAsync().InTimeAsync("a call after deactivation"));
        Assert.Equal(["made", "activated", "deactivated (ApplicationRequested)", "made", "activated"], Journal.Entries);
    }

    [Fact]
    public async Task DeactivateOnIdle_WhileItsCallRuns_WaitsForIt()
    {
        var call = Subject.DeactivateAndHoldAsync("gate");
        await Board.Gate(Key, "gate").ReachedAsync();
        await Grains.GetGrain<ILifeGrain>(EngineFixture.NewKey()).ActivationAsync();
        Assert.Equal(["made", "activated"], Journal.Entries);

        Board.Gate(Key, "gate").Open();
        Assert.Equal(1, await call.InTimeAsync("the call that asked for deactivation"));
        await Journal.ReachesAsync("deactivated (ApplicationRequested)");
        Assert.Equal(["made", "activated", "request ends", "deactivated (ApplicationRequested)"], Journal.Entries);
    }

    [Fact]
    public async Task DeactivateOnIdle_WithCallsQueued_SendsThemToAFreshActivation()
    {
        var call = Subject.DeactivateAndHoldAsync("gate");
        await Board.Gate(Key, "gate").ReachedAsync();

        var queued = Enumerable.Range(0, 10).Select(_ => Subject.ActivationAsync()).ToArray();
        Board.Gate(Key, "gate").Open();

        Assert.Equal(1, await call.InTimeAsync("the call that asked for deactivation"));
        Assert.All(await Task.WhenAll(queued).InTimeAsync("the queued calls"), activation => Assert.Equal(2, activation));
    }

    [Fact]
    public async Task DeactivateOnIdle_WhileItsCallRuns_KeepsEvenInterleavingCallsForAFreshActivation()
    {
        var call = Subject.DeactivateAndHoldAsync("gate");
        await Board.Gate(Key, "gate").ReachedAsync();

        var interleaving = Subject.ActivationInterleavingAsync();
        await Grains.GetGrain<ILifeGrain>(EngineFixture.NewKey()).ActivationAsync();
        Board.Gate(Key, "gate").Open();

        Assert.Equal(1, await call.InTimeAsync("the call that asked for deactivation"));
        Assert.Equal(2, await interleaving.InTimeAsync("the interleaving call"));
    }

    [Fact]
    public async Task DeactivateOnIdle_InOnActivate_SendsTheCallToAFreshActivation()
    {
        Board.Gate(Key, "deactivate at once").Open();

        Assert.Equal(2, await Subject.ActivationAsync().InTimeAsync("a call to a grain that will not stay"));
    }

    [Fact]
    public async Task DeactivateOnIdle_ByAGrainThatIsDisposable_DisposesItLast()
    {
        await Grain<IDisposableGrain>().DeactivateAsync();

        await Journal.ReachesAsync("disposed");
        Assert.Equal(["deactivated", "disposed"], Journal.Entries);
    }

    [Fact]
    public async Task DeactivateOnIdle_WithACallQueuedBefore_SendsItToAFreshActivation()
    {
        var first = Subject.HoldAsync("first");
        await Board.Gate(Key, "first").ReachedAsync();
        var deactivating = Subject.DeactivateAsync();
        var queued = Subject.ActivationAsync();

        Board.Gate(Key, "first").Open();

        Assert.Equal(1, await first.InTimeAsync("the first call"));
        await deactivating.InTimeAsync("the call that asked for deactivation");
        Assert.Equal(2, await queued.InTimeAsync("the queued call"));
    }

    [Fact]
    public async Task Call_WhileOnDeactivateRuns_WaitsForAFreshActivation()
    {
        Board.OnDeactivate(Key, _ => Board.Gate(Key).PassAsync());
        await Subject.DeactivateAsync();
        await Board.Gate(Key).ReachedAsync();

        var call = Subject.ActivationAsync();
        await Grains.GetGrain<ILifeGrain>(EngineFixture.NewKey()).ActivationAsync();
        Assert.False(call.IsCompleted);

        Board.Gate(Key).Open();
        Assert.Equal(2, await call.InTimeAsync("a call during deactivation"));
    }

    [Fact]
    public async Task OnDeactivate_ThatThrows_DoesNotStopDeactivation()
    {
        Board.OnDeactivate(Key, _ => throw new InvalidOperationException("Deactivation fails."));
        await Subject.DeactivateAsync();
        await Journal.ReachesAsync("deactivated (ApplicationRequested)");

        Assert.Equal(2, await Subject.ActivationAsync().InTimeAsync("a call after deactivation"));
    }

    [Fact]
    public async Task HostStop_WithAnActiveGrain_DeactivatesIt()
    {
        await using (var host = await Engine.StartAsync(new()))
        {
            await host.Grains.GetGrain<ILifeGrain>(Key).ActivationAsync();
        }

        Assert.Equal(["made", "activated", "deactivated (ShuttingDown)"], Journal.Entries);
    }
}
