using IotPlatform.Devices;
using IotPlatform.Products;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>The tags of a device, as its grain keeps them.</summary>
public sealed class DeviceTagTests : IAsyncDisposable
{
    private static readonly DeviceTag[] Canary = [new("ring", "canary")];
    private static readonly DeviceTag[] Two = [new("ring", "beta"), new("site", "north")];

    private readonly DeviceScenario _scenario = new();

    public DeviceTagTests() => _scenario.Register();

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task SetTags_ReplacesThem_AndChangesNothingElse()
    {
        Assert.Empty((await _scenario.Grain.GetAsync()).Value!.Tags);
        var before = _scenario.Host.Registry[DeviceScenario.Device]!;
        Assert.Equal(Two, (await _scenario.Grain.SetTagsAsync([.. Two])).Value!.Tags);
        Assert.Equal(Canary, (await _scenario.Grain.SetTagsAsync([.. Canary])).Value!.Tags);
        Assert.Equal(Canary, (await _scenario.Grain.GetAsync()).Value!.Tags);

        var stored = _scenario.Host.Registry[DeviceScenario.Device]!;
        Assert.Equal(Canary, stored.Tags);
        Assert.Equal(before, stored with { Tags = [] });
    }

    [Fact]
    public async Task Tags_OutliveWhatElseIsChanged()
    {
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        Assert.Equal(Canary, (await _scenario.Grain.SetEnabledAsync(isEnabled: false)).Value!.Tags);
        Assert.Equal(Canary, (await _scenario.Grain.ResetSecretAsync()).Value!.Tags);
        Assert.Equal(Canary, _scenario.Host.Registry[DeviceScenario.Device]!.Tags);
    }

    [Fact]
    public async Task SetTags_OfADeviceThatIsNot_IsRefused() =>
        Assert.Equal(RefusalCode.NotFound, (await _scenario.Host.Engine.GetGrain<IDeviceGrain>(new DeviceId("p", "other").GrainKey).SetTagsAsync([.. Canary])).Refusal!.Code);

    [Fact]
    public async Task SetTags_ThatCanNotBeStored_LeavesThoseBefore()
    {
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        _scenario.Host.Registry.OnWrite = static () => Task.FromException(new StoreUnavailableException());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.Grain.SetTagsAsync([]));
        Assert.Equal(Canary, (await _scenario.Grain.GetAsync()).Value!.Tags);
    }

    [Fact]
    public async Task CreateDevice_TakesItsTags()
    {
        _scenario.Host.Registry.Add(new ProductView("p", "", IsEnabled: true, IsRegistrationOpen: false, _scenario.Host.Time.GetUtcNow(), []));
        var product = _scenario.Host.Engine.GetGrain<IProductGrain>(IProductGrain.KeyOf("p"));
        var created = (await product.CreateDeviceAsync(new CreateDevice("new", [.. Canary]))).Value!;
        Assert.Equal(Canary, created.Tags);
        Assert.NotNull(created.Secret);
        Assert.Equal(Canary, _scenario.Host.Registry[created.Id]!.Tags);

        Assert.NotEmpty((await product.CreateDeviceAsync(new CreateDevice("", []))).Value!.Id.DeviceName);
        Assert.Equal(RefusalCode.AlreadyExists, (await product.CreateDeviceAsync(new CreateDevice("new", []))).Refusal!.Code);
        Assert.Equal(Canary, _scenario.Host.Registry[created.Id]!.Tags);
        var missing = _scenario.Host.Engine.GetGrain<IProductGrain>(IProductGrain.KeyOf("missing"));
        Assert.Equal(RefusalCode.NotFound, (await missing.CreateDeviceAsync(new CreateDevice("new", []))).Refusal!.Code);
    }
}
