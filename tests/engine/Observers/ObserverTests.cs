namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class ObserverTests : EngineTest
{
    private readonly Listener _listener;
    private readonly IListener _reference;

    public ObserverTests(EngineFixture engine) : base(engine)
    {
        _listener = new Listener(Board, Key);
        _reference = Grains.CreateObjectReference<IListener>(_listener);
    }

    private ICallerGrain Subject => Grain<ICallerGrain>();

    [Fact]
    public async Task Observer_CalledByAGrain_Answers()
    {
        Assert.Equal(42, await Subject.DoubleAsync(_reference, 21));
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_CalledByItsOwnProcess_Answers()
    {
        Assert.Equal(42, await _reference.DoubleAsync(21));
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_ThatFails_FailsTheGrainsCall()
    {
        Assert.Equal("The gateway is closing.", await Subject.FailureAsync(_reference, "The gateway is closing."));
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_WithManyCallsAtOnce_RunsThemOneAtATimeInTheirOrder()
    {
        await Subject.EnterManyAsync(_reference, 100).InTimeAsync("100 calls to an observer");

        Assert.Equal(1, Board.Meter(Key).Most);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), Journal.Entries);
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_WhileACallRuns_TakesOneThatAlwaysInterleaves()
    {
        var held = Subject.HoldAsync(_reference, "gate");
        await Board.Gate(Key, "gate").ReachedAsync();

        await _reference.PassInterleavingAsync().InTimeAsync("an interleaving call to an observer");

        Board.Gate(Key, "gate").Open();
        await held.InTimeAsync("the held call");
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_WhoseCallersCallerCancels_IsTold()
    {
        using var source = new CancellationTokenSource();
        var call = Subject.RunAsync(_reference, source.Token);
        await Journal.ReachesAsync("starts");

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync("the cancelled call"));
        await Journal.ReachesAsync("cancelled");
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_AfterAFailedCall_TakesTheNextOne()
    {
        await Subject.FailureAsync(_reference, "Once.");

        Assert.Equal(42, await Subject.DoubleAsync(_reference, 21));
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task TwoObservers_CalledAtOnce_RunInParallel()
    {
        var otherKey = EngineFixture.NewKey();
        var other = new Listener(Board, otherKey);

        var held = Subject.HoldBothAsync(_reference, Grains.CreateObjectReference<IListener>(other), "gate");
        await Board.Gate(Key, "gate").ReachedAsync();
        await Board.Gate(otherKey, "gate").ReachedAsync();

        Board.Gate(Key, "gate").Open();
        Board.Gate(otherKey, "gate").Open();
        await held.InTimeAsync("both calls");
        GC.KeepAlive(_listener);
        GC.KeepAlive(other);
    }

    [Fact]
    public async Task ObserverReference_KeptByAGrain_AnswersLater()
    {
        await Subject.KeepAsync(_reference);

        Assert.Equal(42, await Subject.DoubleByKeptAsync(21));
        Assert.True(await Subject.IsKeptAsync(_reference));
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task ObserverReference_OfAnotherObject_IsNotTheSame()
    {
        var other = new Listener(Board, Key);
        await Subject.KeepAsync(_reference);

        Assert.False(await Subject.IsKeptAsync(Grains.CreateObjectReference<IListener>(other)));
        GC.KeepAlive(_listener);
        GC.KeepAlive(other);
    }

    [Fact]
    public async Task ObserverReference_MadeAnewAfterDeletion_Answers()
    {
        Grains.DeleteObjectReference<IListener>(_reference);

        var anew = Grains.CreateObjectReference<IListener>(_listener);

        Assert.Equal(42, await Subject.DoubleAsync(anew, 21));
        GC.KeepAlive(_listener);
    }

    [Fact]
    public async Task Observer_PassedWithoutAReference_IsRefused()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Subject.DoubleAsync(_listener, 21));
    }

    [Fact]
    public async Task ObserverReference_AfterItsDeletion_FailsTheCaller()
    {
        await Subject.KeepAsync(_reference);
        Assert.Equal(42, await Subject.DoubleByKeptAsync(21));

        Grains.DeleteObjectReference<IListener>(_reference);

        await Assert.ThrowsAnyAsync<Exception>(() => Subject.DoubleByKeptAsync(21).InTimeAsync("a call to a deleted observer"));
        GC.KeepAlive(_listener);
    }
}
