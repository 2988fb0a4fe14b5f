namespace IotPlatform.Engine.Tests;

// A call that must still be waiting is shown to be so by a later one that overtook it: no time has to pass.
[Collection(EngineCollection.Name)]
public sealed class AdmissionTests(EngineFixture engine) : EngineTest(engine)
{
    private IAdmissionGrain Subject => Grain<IAdmissionGrain>();

    [Fact]
    public async Task Call_WhenNothingRuns_Starts()
    {
        await Subject.PassAsync().InTimeAsync("a call to an idle grain");

        Assert.Equal(["pass"], Journal.Entries);
    }

    [Fact]
    public async Task Call_WhileAnotherRuns_Waits()
    {
        var held = await HoldAsync(Subject.HoldAsync("gate"));

        var waiting = Subject.PassAsync();
        await OvertakeAsync();
        Assert.Equal(["interleaving"], Journal.Entries);

        await ReleaseAsync(held, waiting);
        Assert.Equal(["interleaving", "pass"], Journal.Entries);
    }

    [Fact]
    public async Task AlwaysInterleaveCall_WhileAnotherRuns_Starts()
    {
        var held = await HoldAsync(Subject.HoldAsync("gate"));

        await Subject.PassInterleavingAsync().InTimeAsync("a call that may interleave");

        await ReleaseAsync(held);
    }

    [Fact]
    public async Task Call_WhileOnlyAnAlwaysInterleaveCallRuns_Starts()
    {
        var held = await HoldAsync(Subject.HoldInterleavingAsync("gate"));

        await Subject.PassAsync().InTimeAsync("a call beside an interleaving one");

        await ReleaseAsync(held);
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAReadOnlyCallRuns_Starts()
    {
        var held = await HoldAsync(Subject.HoldReadingAsync("gate"));

        await Subject.PassReadingAsync().InTimeAsync("a reader beside a reader");

        await ReleaseAsync(held);
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAWriterRuns_Waits()
    {
        var held = await HoldAsync(Subject.HoldAsync("gate"));

        var waiting = Subject.PassReadingAsync();
        await OvertakeAsync();
        Assert.Equal(["interleaving"], Journal.Entries);

        await ReleaseAsync(held, waiting);
    }

    [Fact]
    public async Task Writer_WhileAReadOnlyCallRuns_Waits()
    {
        var held = await HoldAsync(Subject.HoldReadingAsync("gate"));

        var waiting = Subject.PassAsync();
        await OvertakeAsync();
        Assert.Equal(["interleaving"], Journal.Entries);

        await ReleaseAsync(held, waiting);
    }

    [Fact]
    public async Task WaitingReader_BehindAWaitingWriter_OvertakesIt()
    {
        var held = await HoldAsync(Subject.HoldReadingAsync("gate"));

        var writer = Subject.PassAsync();
        await Subject.PassReadingAsync().InTimeAsync("a reader behind a waiting writer");
        Assert.Equal(["reading"], Journal.Entries);

        await ReleaseAsync(held, writer);
    }

    [Fact]
    public async Task WaitingReaders_AroundAWaitingWriter_StartTogether()
    {
        var held = await HoldAsync(Subject.HoldAsync("gate"));
        var reader = Subject.HoldReadingAsync("reading");
        var writer = Subject.PassAsync();
        var otherReader = Subject.PassReadingAsync();

        await ReleaseAsync(held, otherReader);
        await Board.Gate(Key, "reading").ReachedAsync();
        Assert.Equal(["reading"], Journal.Entries);

        Board.Gate(Key, "reading").Open();
        await Task.WhenAll(reader, writer).InTimeAsync("the reader and the writer");
    }

    [Fact]
    public async Task WaitingCalls_OfOneCaller_StartInTheirOrder()
    {
        var held = await HoldAsync(Subject.HoldAsync("gate"));

        var first = Subject.PassAsync();
        var second = Subject.PassReadingAsync();
        var third = Subject.PassSoonAsync();
        await OvertakeAsync();

        await ReleaseAsync(held, first, second, third);
        Assert.Equal(["interleaving", "pass", "reading", "soon"], Journal.Entries);
    }

    [Fact]
    public async Task Call_ToAReentrantGrainThatIsBusy_Starts()
    {
        var subject = Grain<IReentrantGrain>();
        var held = await HoldAsync(subject.HoldAsync("gate"));

        await subject.PassAsync().InTimeAsync("a call to a reentrant grain");

        await ReleaseAsync(held);
    }

    [Fact]
    public async Task SelfCall_OfAReentrantGrain_Succeeds() =>
        await Grain<IReentrantGrain>().CallSelfAsync().InTimeAsync("a reentrant self call");

    [Fact]
    public async Task SelfCall_OfANonReentrantGrain_TimesOut()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Subject.CallSelfAsync());

        await Subject.PassAsync().InTimeAsync("a call after the failed one");
    }

    [Fact]
    public async Task RingOfCalls_BackToANonReentrantGrain_TimesOut() =>
        await Assert.ThrowsAsync<TimeoutException>(() => Subject.CallInARingAsync(EngineFixture.NewKey()));

    [Fact]
    public async Task Call_ThatTimedOutWhileItWaited_NeverRuns()
    {
        var held = await HoldAsync(Subject.HoldAsync("gate"));
        await Assert.ThrowsAsync<TimeoutException>(() => Subject.PassSoonAsync());

        await ReleaseAsync(held);
        await Subject.PassAsync();

        Assert.Equal(["pass"], Journal.Entries);
    }

    private async Task<Task> HoldAsync(Task call)
    {
        await Board.Gate(Key, "gate").ReachedAsync();
        return call;
    }

    private Task OvertakeAsync() => Subject.PassInterleavingAsync().InTimeAsync("a call that may interleave");

    private async Task ReleaseAsync(params Task[] calls)
    {
        Board.Gate(Key, "gate").Open();
        await Task.WhenAll(calls).InTimeAsync("the calls that were let go");
    }
}
