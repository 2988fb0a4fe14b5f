using System.Globalization;
using IotPlatform.Gateways;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>What a gateway tells others of its subscriptions, and when those may be relied on.</summary>
public sealed class InterestLogTests
{
    private const long Epoch = 7;
    private const int ChangesMax = 16_384;

    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualTime _time = new();
    private readonly InterestLog _interests;
    private long _number;

    public InterestLogTests() => _interests = new InterestLog(_time);

    private static TimeSpan PullTime => IGatewayPeer.PullTime;

    private static TimeSpan PullValidity => IGatewayPeer.PullValidity;

    [Fact]
    public void Filters_AreBounded_AndOneThatIsThereIsNotOneMore()
    {
        Assert.True(_interests.TryAdd("a", max: 2));
        Assert.True(_interests.TryAdd("b", max: 2));
        Assert.False(_interests.TryAdd("c", max: 2));
        Assert.True(_interests.TryAdd("a", max: 2));
        _interests.Remove("a");
        Assert.True(_interests.TryAdd("c", max: 2));
        Assert.Equal(2, _interests.Count);
    }

    [Fact]
    public async Task FirstPull_IsAnsweredAtOnce_WithAllThereIs()
    {
        Add("a");
        Add("b");
        _interests.Remove("a");
        var answer = await PullAsync(since: 0).InTimeAsync();
        Assert.Equal((Epoch, true), (answer.Epoch, answer.IsWhole));
        Assert.Equal("+b", Text(answer));
    }

    [Fact]
    public async Task Pull_WithNothingNew_IsHeldUntilThereIs()
    {
        var version = await FirstPullAsync();
        var pull = PullAsync(version);
        _time.Advance(PullTime - Tick);
        Assert.False(pull.IsCompleted);
        Add("a");
        var answer = await pull.InTimeAsync();
        Assert.Equal(("+a", false), (Text(answer), answer.IsWhole));
        Assert.True(answer.Version > version);
    }

    [Fact]
    public async Task Pull_ThatIsHeldForItsTime_IsAnsweredWithNothing()
    {
        var version = await FirstPullAsync();
        var pull = PullAsync(version);
        _time.Advance(PullTime);
        var answer = await pull.InTimeAsync();
        Assert.Equal(("", version, false), (Text(answer), answer.Version, answer.IsWhole));
    }

    [Fact]
    public async Task Changes_AreWhatIsDifferentInTheEnd()
    {
        Add("kept");
        Add("left");
        Add("back");
        var version = await FirstPullAsync();
        Add("new");
        Add("brief");
        _interests.Remove("left");
        _interests.Remove("back");
        _interests.Remove("brief");
        Add("back");
        var answer = await PullAsync(version).InTimeAsync();
        Assert.False(answer.IsWhole);
        Assert.Equal("+back +new -brief -left", Text(answer));
    }

    [Fact]
    public async Task FilterThatIsThere_OrIsNot_IsNoChange()
    {
        Add("a");
        var version = await FirstPullAsync();
        Add("a");
        _interests.Remove("b");
        Assert.False(PullAsync(version).IsCompleted);
    }

    [Fact]
    public async Task Pull_ThatGoesOnFromAnotherProcess_GetsAllThereIs()
    {
        Add("a");
        var version = await FirstPullAsync();
        var answer = await _interests.PullAsync(Epoch, new InterestPull(new GatewayId("p"), 1, Epoch - 1, version, ++_number)).InTimeAsync();
        Assert.Equal(("+a", true), (Text(answer), answer.IsWhole));
    }

    [Fact]
    public async Task PullerThatIsFarBehind_GetsAllThereIs()
    {
        var version = await FirstPullAsync();
        for (var i = 0; i < ChangesMax; i++)
        {
            Add(i.ToString(CultureInfo.InvariantCulture));
        }

        var changes = await PullAsync(version).InTimeAsync();
        Assert.Equal((false, ChangesMax), (changes.IsWhole, changes.Added.Length));

        _interests.Remove("0");
        var whole = await PullAsync(version).InTimeAsync();
        Assert.Equal((true, ChangesMax - 1), (whole.IsWhole, whole.Added.Length));
        Assert.Equal("-0", Text(await PullAsync(changes.Version).InTimeAsync()));
    }

    [Fact]
    public void Subscription_WithoutAnyPuller_IsInEffectAtOnce()
    {
        Add("a");
        Assert.True(_interests.WhenEffective().IsCompleted);
    }

    [Fact]
    public async Task Subscription_IsInEffect_OnceThePullerHasAskedForWhatFollowsIt()
    {
        var version = await FirstPullAsync();
        Add("a");
        var effective = _interests.WhenEffective();
        Assert.False(effective.IsCompleted);

        // That it was answered does not mean that it has entered the answer.
        var looks = Looks();
        version = (await PullAsync(version).InTimeAsync()).Version;
        await LooksAndWaitsOnAsync(effective, looks);
        _ = PullAsync(version);
        await effective.InTimeAsync();
        Assert.True(_interests.WhenEffective().IsCompleted);
    }

    [Fact]
    public async Task Subscription_WaitsForEveryPuller()
    {
        var first = await FirstPullAsync("p");
        var second = await FirstPullAsync("q");
        Add("a");
        var effective = _interests.WhenEffective();
        var looks = Looks();
        await ConfirmAsync("p", first);
        await LooksAndWaitsOnAsync(effective, looks);
        await ConfirmAsync("q", second);
        await effective.InTimeAsync();
    }

    [Fact]
    public async Task PullerThatHasStopped_IsWaitedForUntilItReliesOnNothing()
    {
        await FirstPullAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        Add("a");
        var effective = _interests.WhenEffective();
        _time.Advance(PullValidity - TimeSpan.FromSeconds(1) - Tick);
        Assert.False(effective.IsCompleted);
        _time.Advance(Tick);
        await effective.InTimeAsync();

        // It is not waited for any more.
        Add("b");
        Assert.True(_interests.WhenEffective().IsCompleted);
    }

    [Fact]
    public async Task PullerThatAsksAgainAndAgain_AndGetsNoAnswer_IsWaitedForNoLonger()
    {
        var version = await FirstPullAsync();
        Add("a");
        var effective = _interests.WhenEffective();
        for (var waited = TimeSpan.Zero; waited < PullValidity; waited += TimeSpan.FromSeconds(0.5))
        {
            // Each answer is lost on its way.
            await PullAsync(version).InTimeAsync();
            _time.Advance(TimeSpan.FromSeconds(0.5));
        }

        _ = PullAsync(version);
        await effective.InTimeAsync();
    }

    [Fact]
    public async Task PullerThatWasTakenForStopped_CountsAgainOnceItIsAnswered()
    {
        var version = await FirstPullAsync();

        // It was busy for nearly as long as it may rely on the answer, and then asked again.
        _time.Advance(PullValidity - Tick);
        var pull = PullAsync(version);
        _time.Advance(Tick);
        Assert.True(_interests.WhenEffective().IsCompleted);
        Add("a");
        version = (await pull.InTimeAsync()).Version;

        // It relies on this answer from when it asked.
        Add("b");
        var effective = _interests.WhenEffective();
        Assert.False(effective.IsCompleted);
        await ConfirmAsync("p", version);
        await effective.InTimeAsync();
    }

    [Fact]
    public async Task RestartedPuller_IsTheOneThatCounts()
    {
        var version = await FirstPullAsync(epoch: 1);
        await FirstPullAsync(epoch: 2);

        // A call of the process that is gone comes late.
        _ = PullAsync(version, epoch: 1);
        Add("a");
        var effective = _interests.WhenEffective();
        Assert.False(effective.IsCompleted);
        await ConfirmAsync("p", version, epoch: 2);
        await effective.InTimeAsync();
    }

    [Fact]
    public async Task PullThatWasGivenUp_AndComesLate_IsAnswered_AndSaysNothing()
    {
        var version = await FirstPullAsync();
        var given = ++_number;
        _ = PullAsync(version);
        Add("a");
        var effective = _interests.WhenEffective();
        var late = PullAsync(version + 1, number: given);
        var looks = Looks();
        _ = PullAsync(version + 1, "q");
        await LooksAndWaitsOnAsync(effective, looks);
        _ = PullAsync(version + 1);
        await effective.InTimeAsync();
        _time.Advance(PullTime);
        await late.InTimeAsync();
    }

    [Fact]
    public async Task PullerThatBeginsAnew_HasWhatItIsAnswered_OrReliesOnNothing()
    {
        var version = await FirstPullAsync();
        Add("a");
        Assert.False(_interests.WhenEffective().IsCompleted);
        Assert.Equal("+a", Text(await PullAsync(since: 0).InTimeAsync()));
        Assert.True(_interests.WhenEffective().IsCompleted);

        Add("b");
        var effective = _interests.WhenEffective();
        Assert.False(effective.IsCompleted);
        await ConfirmAsync("p", version + 1);
        await effective.InTimeAsync();
    }

    [Fact]
    public async Task Join_WaitsUntilAllOthersPull()
    {
        var joined = _interests.WhenPulledByAsync([new GatewayId("p"), new GatewayId("q")], TimeSpan.FromSeconds(10));
        var looks = Looks(TimeSpan.FromSeconds(10));
        await FirstPullAsync("p");
        await LooksAndWaitsOnAsync(joined, looks, TimeSpan.FromSeconds(10));
        await FirstPullAsync("q");
        await joined.InTimeAsync();
        Assert.True(_interests.WhenPulledByAsync([new GatewayId("p"), new GatewayId("q")], TimeSpan.FromSeconds(10)).IsCompleted);
        Assert.True(_interests.WhenPulledByAsync([], TimeSpan.FromSeconds(10)).IsCompleted);
    }

    [Fact]
    public async Task Join_WaitsNoLongerThanItsPatience()
    {
        var patience = TimeSpan.FromSeconds(10);
        var joined = _interests.WhenPulledByAsync([new GatewayId("p"), new GatewayId("q")], patience);
        _time.Advance(TimeSpan.FromSeconds(4));
        var looks = Looks(TimeSpan.FromSeconds(6));
        await FirstPullAsync("p");
        await LooksAndWaitsOnAsync(joined, looks, TimeSpan.FromSeconds(6));
        _time.Advance(TimeSpan.FromSeconds(6) - Tick);
        Assert.False(joined.IsCompleted);
        _time.Advance(Tick);
        await joined.InTimeAsync();
    }

    private static string Text(InterestChanges changes) => string.Join(
        ' ', changes.Added.Select(static filter => $"+{filter}").Concat(changes.Removed.Select(static filter => $"-{filter}")).Order(StringComparer.Ordinal));

    private void Add(string filter) => Assert.True(_interests.TryAdd(filter, int.MaxValue));

    private Task<InterestChanges> PullAsync(long since, string gateway = "p", long epoch = 1, long? number = null) =>
        _interests.PullAsync(Epoch, new InterestPull(new GatewayId(gateway), epoch, Epoch, since, number ?? ++_number));

    private async Task<long> FirstPullAsync(string gateway = "p", long epoch = 1) => (await PullAsync(since: 0, gateway, epoch).InTimeAsync()).Version;

    /// <summary>The other gateway gets what is new, enters it, and asks for what follows.</summary>
    private async Task ConfirmAsync(string gateway, long version, long epoch = 1) =>
        _ = PullAsync((await PullAsync(version, gateway, epoch).InTimeAsync()).Version, gateway, epoch);

    private int Looks(TimeSpan? left = null) => _time.TimersDueIn(left ?? PullValidity);

    /// <summary>Whoever waits has looked again, and waits on, at most for the time that is left.</summary>
    private async Task LooksAndWaitsOnAsync(Task waiting, int looksBefore, TimeSpan? left = null)
    {
        await Patience.UntilAsync(() => waiting.IsCompleted || Looks(left) > looksBefore);
        Assert.False(waiting.IsCompleted);
    }
}
