using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Broadcasts;

/// <summary>What a silo knows of the gateways, and which attachments are void by that.</summary>
public sealed class LiveGatewaysTests : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly GrainHost _host = new();
    private readonly StubGrains _grains = new();
    private readonly LiveGateways _gateways;
    private long _version;

    public LiveGatewaysTests() => _gateways = new LiveGateways(
        _grains, new WillWatch(_grains, NullLogger<WillWatch>.Instance), _host.Time, NullLogger<LiveGateways>.Instance);

    public async ValueTask DisposeAsync()
    {
        _gateways.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Gateway_ThatIsNotKnown_OrIsListed_IsNotTakenForGone()
    {
        Assert.False(IsVoid("a", 1));
        await UpdateAsync(("a", 1));
        Assert.False(IsVoid("a", 1));
        Assert.False(IsVoid("b", 1));
    }

    [Fact]
    public async Task GatewayThatIsNotListedAnyMore_IsGone_WithAllItsEarlierSelves()
    {
        await UpdateAsync(("a", 5), ("b", 1));
        await UpdateAsync(("b", 1));
        Assert.True(IsVoid("a", 5));
        Assert.True(IsVoid("a", 4));
        Assert.False(IsVoid("b", 1));

        // One that has just started is not in the list yet.
        Assert.False(IsVoid("a", 6));
    }

    [Fact]
    public async Task RestartedGateway_IsAlive_AndItsEarlierSelfIsGone()
    {
        await UpdateAsync(("a", 1));
        await UpdateAsync(("a", 2));
        Assert.True(IsVoid("a", 1));
        Assert.False(IsVoid("a", 2));
    }

    [Fact]
    public async Task GatewayThatLapsedAndCameBack_IsAlive()
    {
        await UpdateAsync(("a", 1));
        await UpdateAsync();
        Assert.True(IsVoid("a", 1));
        await UpdateAsync(("a", 1));
        Assert.False(IsVoid("a", 1));
        await UpdateAsync();
        Assert.True(IsVoid("a", 1));
    }

    [Fact]
    public async Task GatewayThatIsGone_IsForgottenAfterAnHour_WithTheNextChange()
    {
        await UpdateAsync(("a", 1));
        await UpdateAsync();
        _host.Time.Advance(TimeSpan.FromHours(1));
        await UpdateAsync(("b", 1));
        Assert.True(IsVoid("a", 1));
        _host.Time.Advance(TimeSpan.FromTicks(1));
        await UpdateAsync(("b", 1), ("c", 1));
        Assert.False(IsVoid("a", 1));
    }

    [Fact]
    public async Task Find_TellsTheLeaseOfALiveGateway()
    {
        await UpdateAsync(("a", 1), ("b", 2));
        Assert.Equal("b:1883", _gateways.Find(AttachmentTo("b", 2))!.Address);
        Assert.Null(_gateways.Find(AttachmentTo("b", 1)));
        Assert.Null(_gateways.Find(AttachmentTo("c", 1)));
    }

    [Fact]
    public async Task List_IsAskedForEverySecond()
    {
        GatewayList list = ListOf(("a", 1));
        var asked = 0;
        _grains.Set<IGatewayDirectoryGrain>((_, _, _) =>
        {
            asked++;
            return Task.FromResult(list);
        });
        await StartAsync();
        Assert.Empty(_gateways.List);
        _host.Time.Advance(Period);
        await Patience.UntilAsync(() => Names() == "a");

        list = ListOf(("a", 1), ("b", 1));
        _host.Time.Advance(Period);
        await Patience.UntilAsync(() => Names() == "a b");
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DirectoryThatDoesNotAnswer_EndsNoGateway_AndIsAskedAgain(bool isCancelled)
    {
        var answer = Task.FromResult(ListOf(("a", 1)));
        var asked = 0;
        _grains.Set<IGatewayDirectoryGrain>((_, _, _) =>
        {
            asked++;
            return answer;
        });
        await StartAsync();
        _host.Time.Advance(Period);
        await Patience.UntilAsync(() => Names() == "a");

        // A call is cancelled when the silo that was to answer it stops.
        answer = Task.FromException<GatewayList>(isCancelled ? new OperationCanceledException() : new TimeoutException());
        _host.Time.Advance(Period);
        await Patience.UntilAsync(() => asked == 2);
        Assert.False(IsVoid("a", 1));

        answer = Task.FromResult(ListOf(("b", 1)));
        _host.Time.Advance(Period);
        await Patience.UntilAsync(() => Names() == "b");
        Assert.True(IsVoid("a", 1));
    }

    private static Attachment AttachmentTo(string gateway, long epoch) => new(new GatewayId(gateway), epoch, 1);

    private bool IsVoid(string gateway, long epoch) => _gateways.IsVoid(AttachmentTo(gateway, epoch));

    private string Names() => string.Join(' ', _gateways.List.Select(static lease => lease.Gateway.Value));

    private Task UpdateAsync(params (string Gateway, long Epoch)[] live) => _gateways.UpdateAsync(ListOf(live));

    private GatewayList ListOf(params (string Gateway, long Epoch)[] live) =>
        new(++_version, [.. live.Select(gateway => _host.Lease(gateway.Gateway, gateway.Epoch))]);

    private async Task StartAsync()
    {
        var waiting = _host.Time.TimersDueIn(Period);
        await _gateways.StartAsync(CancellationToken.None);
        await Patience.UntilAsync(() => _host.Time.TimersDueIn(Period) > waiting);
    }
}
