using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Through which gateway a will goes out, and what happens when that one does not take it.</summary>
public sealed class WillPublisherTests : IDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);
    private static readonly DeviceWill Will = new("topic", new byte[] { 1 }, default, QoS: 1, Retain: false);

    private readonly ManualTime _time = new();
    private readonly LiveGateways _gateways;
    private readonly WillPublisher _publisher;
    private readonly List<string> _tried = [];
    private long _listVersion;

    public WillPublisherTests()
    {
        var grains = new StubGrains();
        _gateways = new LiveGateways(grains, new WillWatch(grains, NullLogger<WillWatch>.Instance), _time, NullLogger<LiveGateways>.Instance);
        _publisher = new WillPublisher(_gateways, _time, NullLogger<WillPublisher>.Instance);
    }

    public void Dispose() => _gateways.Dispose();

    [Fact]
    public async Task Will_GoesToOneGateway()
    {
        await SetLiveAsync(Gateway("a"), Gateway("b"));
        Publish();
        Assert.Single(_tried);
        Assert.Equal(0, _time.TimersDueIn(RetryInterval));
    }

    [Fact]
    public async Task Will_ThatIsNotTaken_GoesToAnotherGateway()
    {
        await SetLiveAsync(Gateway("a", isTaken: false), Gateway("b", isTaken: false), Gateway("c", isTaken: false));
        Publish();
        for (var attempt = 1; attempt < 3; attempt++)
        {
            await RetryAsync();
        }

        Assert.Equal(["a", "b", "c"], _tried.Order());
    }

    [Fact]
    public async Task Will_WithoutAnyGateway_WaitsForOne()
    {
        Publish();
        await Patience.UntilAsync(() => _time.TimersDueIn(RetryInterval) == 1);
        await SetLiveAsync(Gateway("a"));
        _time.Advance(RetryInterval);
        await Patience.UntilAsync(() => _tried.Count == 1);
    }

    [Fact]
    public async Task Will_ThatNobodyTakes_IsGivenUpAfterFiveAttempts()
    {
        await SetLiveAsync(Gateway("a", isTaken: false));
        Publish();
        for (var attempt = 1; attempt < 5; attempt++)
        {
            await RetryAsync();
        }

        await Patience.UntilAsync(() => _tried.Count == 5);
        Assert.Equal(0, _time.TimersDueIn(RetryInterval));
        _time.Advance(10 * RetryInterval);
        Assert.Equal(5, _tried.Count);
    }

    private void Publish() => _publisher.Publish(new DeviceId("p", "d"), Will);

    private async Task RetryAsync()
    {
        var tried = _tried.Count;
        await Patience.UntilAsync(() => _time.TimersDueIn(RetryInterval) == 1);
        _time.Advance(RetryInterval);
        await Patience.UntilAsync(() => _tried.Count == tried + 1);
    }

    private Task SetLiveAsync(params IEnumerable<GatewayLease> live) => _gateways.UpdateAsync(new GatewayList(++_listVersion, [.. live]));

    private GatewayLease Gateway(string name, bool isTaken = true)
    {
        var peer = new FakePeer
        {
            OnWill = will =>
            {
                Assert.Equal(Will, will);
                _tried.Add(name);
                return isTaken ? Task.CompletedTask : Task.FromException(new TimeoutException());
            },
        };
        return new GatewayLease(new GatewayId(name), 1, [], peer, $"{name}:1883", IsDraining: false);
    }
}
