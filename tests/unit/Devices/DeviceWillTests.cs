using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Storage;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>The wills of devices whose gateway is lost.</summary>
public sealed class DeviceWillTests : IAsyncDisposable
{
    private readonly GrainHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task GatewayThatIsLost_HasTheWillsOfItsDevicesPublishedOnce()
    {
        await SetLiveAsync("g1", "g2", "fence");
        await AttachAsync("a", "g1", Will("a"));
        await AttachAsync("b", "g1", Will("b"));
        await AttachAsync("c", "g2", Will("c"));
        await AttachAsync("d", "g1", will: null);
        await SetLiveAsync("g2", "fence");
        Assert.Equal(["a", "b"], (await ReadAsync(2)).Order());

        // Whoever asks, or tells it again, finds it done.
        await Grain("a").GatewayLostAsync(new GatewayId("g1"), 1);
        await Grain("a").GetAsync();
        await SetLiveAsync("g2", "fence");
        await AssertNoMoreAsync("g2");
    }

    [Fact]
    public async Task Will_IsPublishedAsItWasGiven()
    {
        await SetLiveAsync("g1", "g2");
        var will = new DeviceWill("topic", new byte[] { 1, 2 }, new byte[] { 3 }, QoS: 2, Retain: true);
        await AttachAsync("a", "g1", will);
        await SetLiveAsync("g2");
        Assert.Equal(will, await _host.OtherGateway.Wills.ReadAsync().AsTask().InTimeAsync());
    }

    [Fact]
    public async Task RestartedGateway_HasLostWhatItsEarlierSelfHeld()
    {
        await _host.SetLiveAsync(_host.Lease("g1", 1));
        await AttachAsync("a", "g1", Will("a"));
        await _host.SetLiveAsync(_host.Lease("g1", 2));
        Assert.Equal(["a"], await ReadAsync(1));
    }

    [Fact]
    public async Task Loss_OfAnotherGatewayOrEpoch_IsNoMatter()
    {
        await SetLiveAsync("g1", "g2", "fence");
        await AttachAsync("a", "g1", Will("a"));
        await Grain("a").GatewayLostAsync(new GatewayId("g1"), 2);
        await Grain("a").GatewayLostAsync(new GatewayId("g2"), 1);
        Assert.True((await Grain("a").GetAsync()).Value!.Connection!.IsOnline);
        await AssertNoMoreAsync("g1", "g2");
    }

    [Fact]
    public async Task Will_IsForgottenOnDetach()
    {
        await SetLiveAsync("g1", "fence");
        await AttachAsync("a", "g1", Will("a"));
        await Grain("a").DetachAsync(Connection("g1"));
        await SetLiveAsync("fence");
        await Grain("a").GetAsync();
        await AssertNoMoreAsync();
    }

    [Fact]
    public async Task Will_IsForgottenOnTakeover_ByAConnectionWithoutOne()
    {
        await SetLiveAsync("g1", "g2", "fence");
        await AttachAsync("a", "g1", Will("a"));
        await AttachAsync("a", "g2", will: null);
        await SetLiveAsync("g2", "fence");
        await AssertNoMoreAsync("g2");
        Assert.True((await Grain("a").GetAsync()).Value!.Connection!.IsOnline);
    }

    [Fact]
    public async Task Takeover_LeavesTheWillOfTheNewerConnection()
    {
        await SetLiveAsync("g1", "g2", "fence");
        await AttachAsync("a", "g1", Will("older"));
        await AttachAsync("a", "g2", Will("newer"));
        await SetLiveAsync("fence");
        Assert.Equal(["newer"], await ReadAsync(1));
        await AssertNoMoreAsync();
    }

    [Fact]
    public async Task Will_OfAConnectionThatTheDevicesGrainEnded_IsItsGatewaysBusiness()
    {
        _host.Registry.Add(new DeviceRegistration(Device("a"), "secret", IsEnabled: true, _host.Time.GetUtcNow()));
        await SetLiveAsync("g1", "fence");
        await AttachAsync("a", "g1", Will("a"));
        await Grain("a").SetEnabledAsync(false);
        await SetLiveAsync("fence");
        await AssertNoMoreAsync();
    }

    [Fact]
    public async Task Reattach_AfterTheGrainWasLost_BringsTheWillAgain()
    {
        await SetLiveAsync("g1");
        var order = await AttachAsync("a", "g1", Will("a"));
        await using var next = new GrainHost(_host);
        await next.SetLiveAsync(next.Lease("g1"), next.Lease("g2"));
        await AttachAsync("a", "g1", Will("a"), order, next);
        await next.SetLiveAsync(next.Lease("g2"));
        Assert.Equal("a", (await next.OtherGateway.Wills.ReadAsync().AsTask().InTimeAsync()).Topic);
    }

    [Fact]
    public async Task Device_ThatComesBackAtAnotherGateway_HasTheWillOfTheLostOnePublishedOnce()
    {
        await SetLiveAsync("g1", "g2", "fence");
        await AttachAsync("a", "g1", Will("a"));
        await SetLiveAsync("g2", "fence");
        await AttachAsync("a", "g2", will: null);
        Assert.Equal(["a"], await ReadAsync(1));
        await AssertNoMoreAsync("g2");
    }

    private static DeviceId Device(string name) => new("p", name);

    private static Attachment Connection(string gateway) => new(new GatewayId(gateway), 1, 1);

    private static DeviceWill Will(string topic) => new(topic, new byte[] { 1 }, default, QoS: 0, Retain: false);

    private IDeviceGrain Grain(string device) => _host.Engine.GetGrain<IDeviceGrain>(Device(device).GrainKey);

    private Task SetLiveAsync(params string[] gateways) => _host.SetLiveAsync(gateways.Select(gateway => _host.Lease(gateway)));

    private async Task<long> AttachAsync(string device, string gateway, DeviceWill? will, long order = 0, GrainHost? host = null)
    {
        host ??= _host;
        var request = new AttachRequest(
            Connection(gateway), host.Observer, new DeviceCredential(CredentialKind.Anonymous, ""), DeviceProtocol.Mqtt311, "10.0.0.1:1000", 100, order,
            Generation: 0, will, Session: null);
        var reply = await host.Engine.GetGrain<IDeviceGrain>(Device(device).GrainKey).AttachAsync(request, CancellationToken.None);
        Assert.Equal(AttachOutcome.Attached, reply.Outcome);
        return reply.Order;
    }

    private async Task<string[]> ReadAsync(int count)
    {
        var topics = new string[count];
        for (var i = 0; i < count; i++)
        {
            topics[i] = (await _host.OtherGateway.Wills.ReadAsync().AsTask().InTimeAsync()).Topic;
        }

        return topics;
    }

    /// <summary>Loses one more gateway, whose only will is then the next one.</summary>
    private async Task AssertNoMoreAsync(params string[] live)
    {
        await AttachAsync("fence", "fence", Will("fence"));
        await SetLiveAsync([.. live, "last"]);
        Assert.Equal(["fence"], await ReadAsync(1));
        Assert.False(_host.OtherGateway.Wills.TryRead(out _));
    }
}
