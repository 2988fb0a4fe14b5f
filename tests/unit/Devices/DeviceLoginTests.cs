using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Who is let in, and who takes over from whom.</summary>
public sealed class DeviceLoginTests : IAsyncDisposable
{
    private readonly DeviceScenario _scenario = new();

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Theory]
    [InlineData(DeviceScenario.Secret, AttachOutcome.Attached)]
    [InlineData("", AttachOutcome.BadCredential)]
    [InlineData("0123456789abcdeF", AttachOutcome.BadCredential)]
    [InlineData("0123456789abcdef0", AttachOutcome.BadCredential)]
    public async Task Secret_MustBeTheDevicesOwn(string secret, AttachOutcome expected)
    {
        _scenario.Register();
        Assert.Equal(expected, (await _scenario.AttachAsync(secret: secret)).Outcome);
    }

    [Fact]
    public async Task Secret_OfAnUnknownDevice_IsBadAndRegistersNothing()
    {
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync()).Outcome);
        Assert.Null(_scenario.Host.Registry[DeviceScenario.Device]);
    }

    [Theory]
    [InlineData(CredentialKind.Secret)]
    [InlineData(CredentialKind.OpenRegistration)]
    public async Task Login_OfADisabledDevice_IsRefused(CredentialKind kind)
    {
        _scenario.Register(isEnabled: false);
        Assert.Equal(AttachOutcome.Disabled, (await _scenario.AttachAsync(kind: kind)).Outcome);
    }

    [Fact]
    public async Task WrongSecret_OfADisabledDevice_DoesNotTellThatItExists()
    {
        _scenario.Register(isEnabled: false);
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync(secret: "wrong")).Outcome);
    }

    [Fact]
    public async Task OpenRegistration_OfAnUnknownDevice_RegistersItWithASecretOfItsOwn()
    {
        var reply = await _scenario.AttachAsync(kind: CredentialKind.OpenRegistration, secret: "any");
        Assert.Equal(AttachOutcome.Attached, reply.Outcome);
        Assert.Equal(32, _scenario.Host.Registry[DeviceScenario.Device]!.Secret.Length);
    }

    [Fact]
    public async Task OpenRegistration_OfAKnownDevice_LetsItInAndKeepsItsSecret()
    {
        _scenario.Register();
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(kind: CredentialKind.OpenRegistration, secret: "any")).Outcome);
        Assert.Equal(DeviceScenario.Secret, _scenario.Host.Registry[DeviceScenario.Device]!.Secret);
    }

    [Fact]
    public async Task Anonymous_IsConnectedAndNeverRegistered()
    {
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(kind: CredentialKind.Anonymous, secret: "")).Outcome);
        Assert.Null(_scenario.Host.Registry[DeviceScenario.Device]);
        Assert.True((await _scenario.Grain.GetAsync()).Value!.Connection!.IsOnline);
    }

    [Fact]
    public async Task NewerConnection_TakesOver_AndTheOlderIsClosed()
    {
        _scenario.Register();
        await _scenario.AttachAsync(1);
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(2)).Outcome);
        await Patience.UntilAsync(() => _scenario.Gateway.Closes.Contains(new CloseRequest(1, CloseReason.TakenOver)));
        Assert.Single(_scenario.Gateway.Closes);
    }

    [Fact]
    public async Task OlderConnection_ThatComesLate_IsSuperseded()
    {
        _scenario.Register();
        await _scenario.AttachAsync(2);
        Assert.Equal(AttachReply.Refused(AttachOutcome.Superseded), await _scenario.AttachAsync(1));
        Assert.Empty(_scenario.Gateway.Closes);
    }

    [Fact]
    public async Task OlderConnection_AfterTheNewerHasGone_IsTaken()
    {
        _scenario.Register();
        await _scenario.AttachAsync(2);
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(2));
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(1)).Outcome);
    }

    [Fact]
    public async Task RestartedGateway_TakesOverFromItsEarlierSelf()
    {
        _scenario.Register();
        await _scenario.AttachAsync(connectionId: 900, epoch: 1);
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(connectionId: 1, epoch: 2)).Outcome);
        Assert.Equal(AttachOutcome.Superseded, (await _scenario.AttachAsync(connectionId: 901, epoch: 1)).Outcome);
    }

    [Fact]
    public async Task ConnectionOnAnotherGateway_TakesOverWhateverItsNumber()
    {
        _scenario.Register();
        await _scenario.AttachAsync(9, gateway: "g1");
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(1, gateway: "g2")).Outcome);
        Assert.Equal(new GatewayId("g2"), (await _scenario.Grain.GetAsync()).Value!.Connection!.Gateway);
    }

    [Fact]
    public async Task Attach_Repeated_ClosesNothing()
    {
        _scenario.Register();
        await _scenario.AttachAsync(1);
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(1)).Outcome);
        Assert.Empty(_scenario.Gateway.Closes);
    }

    [Fact]
    public async Task Detach_OfAnEarlierConnection_IsIgnored()
    {
        _scenario.Register();
        await _scenario.AttachAsync(1);
        await _scenario.AttachAsync(2);
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        Assert.True((await _scenario.Grain.GetAsync()).Value!.Connection!.IsOnline);
    }

    [Fact]
    public async Task Detach_ThatOvertakesItsAttach_LeavesTheDeviceOffline()
    {
        _scenario.Register();
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        Assert.Equal(AttachOutcome.Superseded, (await _scenario.AttachAsync(1)).Outcome);
        Assert.Null((await _scenario.Grain.GetAsync()).Value!.Connection);
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(2)).Outcome);
    }

    [Fact]
    public async Task UnknownDevice_IsNotKeptInMemory()
    {
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync()).Outcome);
        await Patience.UntilAsync(() => _scenario.Host.Engine.ActivationCount == 0);
    }

    [Fact]
    public async Task View_TellsTheConnectionAndNeverTheSecret()
    {
        _scenario.Register();
        var before = await _scenario.Grain.GetAsync();
        Assert.Null(before.Value!.Connection);

        await _scenario.AttachAsync(protocol: DeviceProtocol.Mqtt500);
        _scenario.Host.Time.Advance(TimeSpan.FromSeconds(5));
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        var view = (await _scenario.Grain.GetAsync()).Value!;
        var now = _scenario.Host.Time.GetUtcNow();
        Assert.Equal(new DeviceConnection(false, new GatewayId("g1"), now, now.AddSeconds(-5), DeviceProtocol.Mqtt500, "10.0.0.1:1000"), view.Connection);
        Assert.Null(view.Secret);
    }

    [Fact]
    public async Task Get_OfAnUnknownDevice_IsRefused() =>
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Grain.GetAsync()).Refusal!.Code);

    [Fact]
    public async Task Disable_ClosesTheConnectionAndRefusesTheNextOne()
    {
        _scenario.Register();
        await _scenario.OpenAsync();
        Assert.False((await _scenario.Grain.SetEnabledAsync(false)).Value!.IsEnabled);
        Assert.Equal([new CloseRequest(1, CloseReason.NotAuthorized)], _scenario.Gateway.Closes);
        Assert.Equal(AttachOutcome.Disabled, (await _scenario.AttachAsync(2)).Outcome);

        await _scenario.Grain.SetEnabledAsync(true);
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(3)).Outcome);
    }

    [Fact]
    public async Task Disable_WhenTheStoreFails_ChangesNothing()
    {
        _scenario.Register();
        await _scenario.OpenAsync();
        _scenario.Host.Registry.OnWrite = static () => throw new IOException("The disk is full.");
        await Assert.ThrowsAsync<IOException>(() => _scenario.Grain.SetEnabledAsync(false));
        Assert.True((await _scenario.Grain.GetAsync()).Value!.IsEnabled);
        Assert.Empty(_scenario.Gateway.Closes);
    }

    [Fact]
    public async Task ResetSecret_LetsInTheNewOneOnly()
    {
        _scenario.Register();
        var secret = (await _scenario.Grain.ResetSecretAsync()).Value!.Secret!;
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync()).Outcome);
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync(secret: secret)).Outcome);
        Assert.Equal(secret, _scenario.Host.Registry[DeviceScenario.Device]!.Secret);
    }

    [Fact]
    public async Task ResetSecret_WhenTheStoreFails_KeepsTheOldOne()
    {
        _scenario.Register();
        _scenario.Host.Registry.OnWrite = static () => throw new IOException("The disk is full.");
        await Assert.ThrowsAsync<IOException>(() => _scenario.Grain.ResetSecretAsync());
        Assert.Equal(AttachOutcome.Attached, (await _scenario.AttachAsync()).Outcome);
    }

    [Fact]
    public async Task ConnectedDevice_WhoseGatewayAttachesItAgainNowAndThen_IsNotCollected_UntilItIsGone()
    {
        _scenario.Register();
        var order = (await _scenario.AttachAsync()).Order;
        for (var i = 0; i < 6; i++)
        {
            _scenario.Host.Time.Advance(IDeviceGrain.AttachmentTime - TimeSpan.FromMinutes(1));
            Assert.Equal(1, _scenario.Host.Engine.ActivationCount);
            await _scenario.ReattachAsync(order);
        }

        Assert.True((await _scenario.ConnectionAsync())!.IsOnline);
        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(1));
        _scenario.Host.Time.Advance(TimeSpan.FromHours(2));
        await Patience.UntilAsync(() => _scenario.Host.Engine.ActivationCount == 0);
    }
}
