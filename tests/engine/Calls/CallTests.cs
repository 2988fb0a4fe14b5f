using System.Collections.Immutable;

namespace IotPlatform.Engine.Tests;

[Collection(EngineCollection.Name)]
public sealed class CallTests(EngineFixture engine) : EngineTest(engine)
{
    private ICallGrain Subject => Grain<ICallGrain>();

    [Fact]
    public async Task Grain_AskedForItsKey_KnowsIt() => Assert.Equal(Key, await Subject.KeyAsync());

    [Fact]
    public async Task Grain_AskingItsContainer_FindsWhatItsConstructorWasGiven() => Assert.True(await Subject.FindsServicesAsync());

    [Fact]
    public async Task Call_WithAMessage_CarriesEveryMember()
    {
        var inner = new Parcel("inner", long.MinValue, DateTimeOffset.UnixEpoch, [], ReadOnlyMemory<byte>.Empty, null);
        var outer = new Parcel("outer", 7, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(6)), [1, 2, 3], new byte[] { 4, 5 }, inner);

        var echo = await Subject.EchoAsync(outer);

        Assert.NotNull(echo);
        Assert.Equal(outer with { Bytes = echo.Bytes, Payload = echo.Payload, Inner = echo.Inner }, echo);
        Assert.Equal<byte>([1, 2, 3], echo.Bytes);
        Assert.Equal<byte>([4, 5], echo.Payload.ToArray());
        Assert.Equal("inner", echo.Inner?.Name);
    }

    [Fact]
    public async Task Call_WithNull_CarriesIt()
    {
        Assert.Null(await Subject.EchoAsync(null));
        Assert.Null(await Subject.SumAsync(1, null, TimeSpan.Zero));
    }

    [Fact]
    public async Task Call_WithSeveralArguments_CarriesEach() => Assert.Equal(111, await Subject.SumAsync(1, 10, TimeSpan.FromSeconds(100)));

    [Fact]
    public async Task Call_WithACollection_CarriesIt() => Assert.Equal<int>([3, 1, 2], await Subject.EchoAllAsync(ImmutableArray.Create(3, 1, 2)));

    [Fact]
    public async Task Call_FromAThreadOfTheCallersOwn_Succeeds()
    {
        var answer = new TaskCompletionSource<Task<string>>();
        new Thread(() => answer.SetResult(Subject.KeyAsync())).Start();

        Assert.Equal(Key, await (await answer.Task).InTimeAsync("a call from a thread"));
    }

    [Fact]
    public async Task Call_FromAGrainToAnother_Succeeds()
    {
        var otherKey = EngineFixture.NewKey();

        Assert.Equal(otherKey, await Subject.KeyOfOtherAsync(otherKey));
    }

    [Fact]
    public async Task Call_ThroughAHundredGrains_Succeeds() => Assert.Equal(101, await Subject.CallOnAsync(100).InTimeAsync("a chain of calls"));

    [Fact]
    public async Task Call_WithPlainMemory_IsNotChangedByItsCallerAfterwards()
    {
        var bytes = new byte[] { 1, 2, 3 };
        await Subject.KeepAsync(bytes);
        bytes[0] = 9;

        var kept = await Subject.KeptAsync();
        Assert.Equal<byte>([1, 2, 3], kept);
    }

    [Fact]
    public async Task Grain_ReturningNoTask_FailsTheCallAndTakesTheNextOne()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Subject.ReturnNothingAsync());

        Assert.Equal(1, await Subject.CallsAsync().InTimeAsync("a call after the failed one"));
    }

    [Fact]
    public async Task Cancellation_OfAGrainsOwn_ReachesItsCaller()
    {
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Subject.CancelItselfAsync());

        Assert.Equal("The grain gave up.", exception.Message);
    }

    [Fact]
    public async Task Exception_OfAGrain_ReachesItsCaller()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Subject.FailAsync("This call fails."));

        Assert.Equal("This call fails.", exception.Message);
    }

    [Fact]
    public async Task Exception_ThrownBeforeTheFirstAwait_ComesInTheTask()
    {
        var call = Subject.FailAtOnceAsync("This call fails at once.");

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => call);
        Assert.Equal("This call fails at once.", exception.Message);
    }

    [Fact]
    public async Task Exception_OfTheApplicationsOwnType_ReachesItsCaller()
    {
        var exception = await Assert.ThrowsAsync<DeviceFaultException>(() => Subject.FailWithOwnTypeAsync("The device is at fault."));

        Assert.Equal("The device is at fault.", exception.Message);
    }

    [Fact]
    public async Task Exception_OfAGrain_ReachesACallingGrain() =>
        Assert.Equal("This call fails.", await Subject.FailureOfOtherAsync(EngineFixture.NewKey(), "This call fails."));

    [Fact]
    public async Task Exception_OfAGrain_DoesNotDeactivateIt()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Subject.FailAsync("This call fails."));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Subject.FailAtOnceAsync("This call fails."));

        Assert.Equal(3, await Subject.CallsAsync());
    }
}
