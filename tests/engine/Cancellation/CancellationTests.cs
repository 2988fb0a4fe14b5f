namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class CancellationTests(EngineFixture engine) : EngineTest(engine), IDisposable
{
    private readonly CancellationTokenSource _source = new();

    private ICancellationGrain Subject => Grain<ICancellationGrain>();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Call_WithATokenNotCancelled_RunsWithIt() => Assert.False(await Subject.IsCancelledAsync(1, _source.Token));

    [Fact]
    public async Task Call_WithoutAToken_Runs() => Assert.False(await Subject.IsCancelledAsync(1, CancellationToken.None));

    [Fact]
    public async Task Call_CancelledBeforeItIsMade_IsNotSent()
    {
        await _source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Subject.RunAsync(_source.Token));

        await Subject.PassAsync();
        Assert.Equal(["pass"], Journal.Entries);
    }

    [Fact]
    public async Task Call_CancelledWhileItWaits_ReturnsAndNeverRuns()
    {
        var held = Subject.RunOnAsync(CancellationToken.None);
        await Board.Gate(Key).ReachedAsync();
        var waiting = Subject.RunAsync(_source.Token);

        await _source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.InTimeAsync("the cancelled call"));

        // Orleans tells the callee by a message of its own, which this call comes after.
        await Grains.GetGrain<ICancellationGrain>(EngineFixture.NewKey()).PassAsync();
        await TicksPassAsync(5);
        Board.Gate(Key).Open();
        await held.InTimeAsync("the running call");
        await Subject.PassAsync();
        Assert.Equal(["starts", "ends", "pass"], Journal.Entries);
    }

    [Fact]
    public async Task Call_CancelledWhileItRuns_CancelsTheCalleesToken()
    {
        var call = Subject.RunAsync(_source.Token);
        await Journal.ReachesAsync("starts");

        await _source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync("the cancelled call"));
        await Journal.ReachesAsync("cancelled");
    }

    [Fact]
    public async Task Call_CancelledWhileItRuns_ReturnsThoughTheCalleeRunsOn()
    {
        var call = Subject.RunOnAsync(_source.Token);
        await Board.Gate(Key).ReachedAsync();

        await _source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync("the cancelled call"));
        Assert.Equal(["starts"], Journal.Entries);

        Board.Gate(Key).Open();
        await Journal.ReachesAsync("ends");
    }

    [Fact]
    public async Task Token_CancelledDuringATurn_TellsTheCalleeInALaterTurn()
    {
        var call = Subject.RunWithCallbackAsync(_source.Token);
        await Journal.ReachesAsync("starts");
        var turn = Task.Run(() => Subject.HoldThreadAsync());
        await Board.Gate(Key, "thread").ReachedAsync();

        await _source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync("the cancelled call"));
        Board.Gate(Key, "thread").Open();

        await turn.InTimeAsync("the held turn");
        await Journal.ReachesAsync("told");
        Assert.Equal(["starts", "thread let go", "told"], Journal.Entries);
    }

    [Fact]
    public async Task Token_PassedOnToAnotherGrain_CancelsThatToo()
    {
        var otherKey = EngineFixture.NewKey();
        var call = Subject.RunOtherAsync(otherKey, _source.Token);
        await Board.Journal(otherKey).ReachesAsync("starts");

        await _source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync("the cancelled call"));
        await Board.Journal(otherKey).ReachesAsync("cancelled");
    }

    [Fact]
    public async Task Grain_WhoseCallWasCancelled_TakesTheNextOne()
    {
        var call = Subject.RunAsync(_source.Token);
        await Journal.ReachesAsync("starts");
        await _source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync("the cancelled call"));

        await Subject.PassAsync().InTimeAsync("a call after the cancelled one");
    }
}
