using System.Collections.Concurrent;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Which devices are told that their gateway is lost.</summary>
public sealed class WillWatchTests
{
    private readonly StubGrains _grains = new();
    private readonly ConcurrentQueue<string> _told = new();
    private readonly WillWatch _watch;
    private Func<string, Task> _answer = static _ => Task.CompletedTask;

    public WillWatchTests()
    {
        _grains.Set<IDeviceGrain>((key, method, arguments) =>
        {
            Assert.Equal(nameof(IDeviceGrain.GatewayLostAsync), method);
            _told.Enqueue($"{key[(key.LastIndexOf('/') + 1)..]} {arguments[0]} {arguments[1]}");
            return _answer(key);
        });
        _watch = new WillWatch(_grains, NullLogger<WillWatch>.Instance);
    }

    [Fact]
    public async Task Loss_IsToldToTheDevicesOfThatGatewayAndEpoch_Once()
    {
        Add("a", "g1", 1);
        Add("b", "g1", 1);
        Add("c", "g1", 2);
        Add("d", "g2", 1);
        await LostAsync("g1", 1);
        Assert.Equal(["a g1 1", "b g1 1"], _told.Order());
        await LostAsync("g1", 1);
        Assert.Equal(2, _told.Count);
        await LostAsync("g1", 2);
        Assert.Equal("c g1 2", _told.Last());
    }

    [Fact]
    public async Task Device_ThatWasRemoved_OrMoved_IsNotToldOfTheOldOne()
    {
        Add("a", "g1", 1);
        Add("b", "g1", 1);
        _watch.Remove(new DeviceId("p", "a"), Connection("g1", 1));
        _watch.Remove(new DeviceId("p", "b"), Connection("g1", 1));
        Add("b", "g2", 1);
        await LostAsync("g1", 1);
        Assert.Empty(_told);
        await LostAsync("g2", 1);
        Assert.Equal(["b g2 1"], _told);
    }

    [Fact]
    public async Task DeviceThatCanNotBeTold_HoldsUpNoOther()
    {
        Add("a", "g1", 1);
        Add("b", "g1", 1);
        _answer = static key => key.EndsWith("/a", StringComparison.Ordinal) ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        await LostAsync("g1", 1).InTimeAsync();
        Assert.Equal(["a g1 1", "b g1 1"], _told.Order());
    }

    [Fact]
    public async Task ManyDevices_AreTold32AtOnce()
    {
        for (var i = 0; i < 100; i++)
        {
            Add($"d{i}", "g1", 1);
        }

        var answer = new TaskCompletionSource();
        _answer = _ => answer.Task;
        var lost = LostAsync("g1", 1);
        await Patience.UntilAsync(() => _told.Count >= 32);
        Assert.Equal((32, false), (_told.Count, lost.IsCompleted));
        answer.SetResult();
        await lost.InTimeAsync();
        Assert.Equal(100, _told.Distinct().Count());
    }

    private static Attachment Connection(string gateway, long epoch) => new(new GatewayId(gateway), epoch, 1);

    private void Add(string device, string gateway, long epoch) => _watch.Add(new DeviceId("p", device), Connection(gateway, epoch));

    private Task LostAsync(string gateway, long epoch) => _watch.GatewayLostAsync(new GatewayId(gateway), epoch);
}
