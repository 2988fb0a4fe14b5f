using IotPlatform.Mqtt;
using IotPlatform.Unit.Tests.Time;
using Orleans.Runtime;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A login that does not find its device's grain.</summary>
public sealed class ConnectTests : IAsyncDisposable
{
    private readonly Edge _edge = new();
    private int _tries;

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // A broadcast that is called for at that moment must find it.
    [Fact]
    public async Task Client_ThatIsToldThatItIsConnected_Is()
    {
        var client = await EdgeClient.ConnectAsync(_edge, "d");
        Assert.True(client.WasOnlineAtConnAck);
    }

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311)]
    [InlineData(ProtocolVersion.Mqtt500)]
    public async Task Connect_WhileTheGrainsSiloIsMissed_WaitsForIt(ProtocolVersion version)
    {
        LoseSilo(triesLost: 3);
        var timers = _edge.Time.TimerCount;
        var connecting = EdgeClient.ConnectAsync(_edge, "d", version);
        await WaitedAsync(connecting, timers);
        await connecting;
        Assert.Equal(4, _tries);
    }

    // The directory of gateways may have been on the silo that was lost, and not know of this one for a moment.
    [Fact]
    public async Task Connect_WhileItsGatewayIsTakenForGone_WaitsForThat()
    {
        var self = _edge.Host.Lease(_edge.Identity.Gateway.Value, _edge.Identity.Epoch);
        await _edge.Host.SetLiveAsync(self);
        await _edge.Host.SetLiveAsync();
        var timers = _edge.Time.TimerCount;
        var connecting = EdgeClient.ConnectAsync(_edge, "d");
        await Patience.UntilAsync(() => _edge.Time.TimerCount > timers, "the next try");
        Assert.False(connecting.IsCompleted);
        await _edge.Host.SetLiveAsync(self);
        await WaitedAsync(connecting, timers);
        await connecting;
    }

    [Fact]
    public async Task Connect_WhileItsGatewayStaysGone_IsRefused()
    {
        await _edge.Host.SetLiveAsync(_edge.Host.Lease(_edge.Identity.Gateway.Value, _edge.Identity.Epoch));
        await _edge.Host.SetLiveAsync();
        var timers = _edge.Time.TimerCount;
        var connecting = EdgeClient.ConnectAsync(_edge, "d");
        await WaitedAsync(connecting, timers);
        await Assert.ThrowsAnyAsync<Exception>(() => connecting);
    }

    [Fact]
    public async Task Connect_WhenTheSiloStaysAway_IsRefused()
    {
        LoseSilo(triesLost: int.MaxValue);
        var timers = _edge.Time.TimerCount;
        var began = _edge.Time.GetTimestamp();
        var connecting = EdgeClient.ConnectAsync(_edge, "d");
        await WaitedAsync(connecting, timers);
        await Assert.ThrowsAnyAsync<Exception>(() => connecting);

        // Longer than silos take for agreeing that one is lost, and not as long as a client waits for CONNACK.
        Assert.InRange(_edge.Time.GetElapsedTime(began), TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(7));
        Assert.InRange(_tries, 5, 15);
    }

    private void LoseSilo(int triesLost) =>
        _edge.Host.Messages.OnLoad = _ => ++_tries > triesLost ? ValueTask.CompletedTask : throw new SiloUnavailableException("It was there.");

    // The clock moves while the login waits for it, and not while it tries: how long it may do so is on the same clock.
    private async Task WaitedAsync(Task connecting, int timers)
    {
        while (!connecting.IsCompleted)
        {
            await Patience.UntilAsync(() => connecting.IsCompleted || _edge.Time.TimerCount > timers, "the login, or its next try");
            _edge.Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }
}
