using IotPlatform.Broadcasts;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>What a root learns from one shard's answers, whenever they come.</summary>
public sealed class ShardRunTests
{
    private static readonly BroadcastProgress Unknown = new(1, IsKnown: false, default, 0, 0, [], HasMoreNotes: false);

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ShardRun _run = new(new FakeGateway(), new GatewayId("g"));

    [Fact]
    public void Shard_ThatHasNeverHadIt_IsNotAskedAndNotUnknown()
    {
        _run.Learn(Unknown, wasOver: false, given: 0);
        Assert.True(_run is { IsWithout: true, IsSettled: true, IsLost: false });
        _run.Leave(Now);
        Assert.Equal(default, _run.Tally);
    }

    [Fact]
    public void Shard_ThatHasLostIt_IsUnknownAndKeepsItsCounts()
    {
        _run.Learn(Progress(written: 2, awaited: 1), wasOver: false, given: 0);
        _run.Learn(Unknown, wasOver: false, given: 0);
        Assert.True(_run is { IsLost: true, IsSettled: true, Awaited: 0 });
        Assert.Equal(new BroadcastTally(2, 2, 0, 1), _run.Tally);
    }

    [Fact]
    public void Answer_OfAShardThatIsLostMeanwhile_ChangesNothing()
    {
        _run.Learn(Progress(written: 2, awaited: 2), wasOver: false, given: 0);
        _run.Leave(Now);
        _run.Learn(Progress(written: 2, awaited: 1), wasOver: false, given: 0);
        Assert.True(_run is { IsLost: true, IsSettled: true, Awaited: 0 });
        Assert.Equal(new BroadcastTally(2, 2, 0, 1), _run.Tally);
    }

    [Fact]
    public void Shard_ThatReturns_IsAskedAgain_AndUnknownNoMore()
    {
        _run.Learn(Progress(written: 2, awaited: 1), wasOver: false, given: 0);
        _run.Leave(Now);
        Assert.Equal(new BroadcastTally(2, 2, 0, 1), _run.Tally);
        _run.Return();
        Assert.True(_run is { IsLost: false, IsSettled: false, HasAnswered: false });
        Assert.Equal(new BroadcastTally(2, 2, 0, 0), _run.Tally);

        _run.Learn(Unknown, wasOver: false, given: 0);
        _run.Return();
        Assert.True(_run is { IsLost: true, IsSettled: true });
        Assert.Equal(new BroadcastTally(2, 2, 0, 1), _run.Tally);
    }

    // Whether it is gone, or its directory has only just begun, is known when a lease has run out.
    [Fact]
    public void Shard_ThatIsGone_IsWaitedForAsLongAsALeaseLasts()
    {
        _run.Learn(Progress(written: 2, awaited: 0), wasOver: false, given: 0);
        Assert.True(_run.IsHeard(Now));
        _run.Leave(Now);
        _run.Leave(Now.AddSeconds(5));
        Assert.False(_run.IsHeard(Now + IGatewayDirectoryGrain.LeaseTime - TimeSpan.FromTicks(1)));
        Assert.True(_run.IsHeard(Now + IGatewayDirectoryGrain.LeaseTime));
        _run.Return();
        Assert.False(_run.IsHeard(Now + IGatewayDirectoryGrain.LeaseTime));
    }

    [Fact]
    public void Shard_ThatReturns_AndNeverHadIt_IsNotAsked()
    {
        _run.Learn(Unknown, wasOver: false, given: 0);
        _run.Leave(Now);
        _run.Return();
        Assert.True(_run is { IsWithout: true, IsSettled: true, IsLost: false });
    }

    [Fact]
    public void Shard_ThatDidNotTakeIt_StaysUnknown()
    {
        _run.Tally = BroadcastTally.OfUnknown;
        _run.Learn(Unknown, wasOver: false, given: 0);
        Assert.True(_run.IsLost);
        Assert.Equal(BroadcastTally.OfUnknown, _run.Tally);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Answer_FromBeforeItWasGiven_IsNoneOfAfterwards(bool isKnown)
    {
        _run.Give();
        _run.Learn(isKnown ? Progress(written: 1, awaited: 0) : Unknown, wasOver: false, given: 0);
        Assert.True(_run is { HasAnswered: false, IsLost: false, IsWithout: false });

        _run.Learn(Progress(written: 1, awaited: 1), wasOver: false, given: 1);
        Assert.True(_run is { HasAnswered: true, Awaited: 1 });
    }

    [Fact]
    public void Shard_WithMoreNotes_IsNotSettled()
    {
        _run.Learn(Progress(written: 1, awaited: 0) with { FirstNote = 3, Notes = [new DeviceNote("d", false)], HasMoreNotes = true }, wasOver: true, given: 0);
        Assert.Equal((false, 4), (_run.IsSettled, _run.NotesKept));
        _run.Learn(Progress(written: 1, awaited: 0) with { FirstNote = 4 }, wasOver: true, given: 0);
        Assert.Equal((true, 4), (_run.IsSettled, _run.NotesKept));
    }

    private static BroadcastProgress Progress(long written, long awaited) =>
        new(1, IsKnown: true, new BroadcastTally(written, written, 0, 0), awaited, 0, [], HasMoreNotes: false);
}
