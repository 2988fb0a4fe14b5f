using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Unit.Tests.Grains;

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
    public async Task Attach_HandsTheTagsToTheGateway()
    {
        Assert.Null((await _scenario.AttachAsync(1)).Tags);
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        Assert.Equal(Canary, (await _scenario.AttachAsync(2)).Tags!.Tags);
    }

    [Fact]
    public async Task SetTags_OfAConnectedDevice_TellsItsGateway_BeforeItAnswers()
    {
        await _scenario.Grain.SetTagsAsync([.. Two]);
        Assert.Empty(_scenario.Gateway.TagChanges);
        var attached = (await _scenario.AttachAsync(7)).Tags!;

        await _scenario.Grain.SetTagsAsync([.. Canary]);
        await _scenario.Grain.SetTagsAsync([]);

        var told = _scenario.Gateway.TagChanges.ToArray();
        Assert.Equal([7L, 7L], told.Select(static change => change.ConnectionId));
        Assert.Equal([Canary, []], told.Select(static change => change.Tags.Tags.ToArray()));
        Assert.True(told[0].Tags.IsLaterThan(attached));
        Assert.True(told[1].Tags.IsLaterThan(told[0].Tags));
        Assert.False(told[0].Tags.IsLaterThan(told[1].Tags));

        await _scenario.Grain.DetachAsync(DeviceScenario.Connection(7));
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        Assert.Equal(2, _scenario.Gateway.TagChanges.Count);
    }

    [Fact]
    public async Task Tags_ThatTheGatewayWasNotTold_AreInTheAnswerWhenItAttachesAgain()
    {
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        var attached = await _scenario.AttachAsync();
        _scenario.Gateway.OnTagsChanged = static () => Task.FromException(new TimeoutException());

        Assert.Empty((await _scenario.Grain.SetTagsAsync([])).Value!.Tags);

        Assert.Single(_scenario.Gateway.TagChanges);
        var again = (await _scenario.ReattachAsync(attached.Order)).Tags!;
        Assert.Empty(again.Tags);
        Assert.True(again.IsLaterThan(attached.Tags!));
    }

    [Fact]
    public async Task Tags_AfterTheGrainWasLost_AreSaidAnew_AlsoByASiloWhoseClockIsBehind()
    {
        var attached = await _scenario.AttachAsync();
        await _scenario.Grain.SetTagsAsync([.. Two]);
        var (_, told) = Assert.Single(_scenario.Gateway.TagChanges);

        await using var next = new DeviceScenario(new GrainHost(_scenario.Host));
        next.Host.Time.SetUtcNow(next.Host.Time.GetUtcNow().AddHours(-1));
        next.Host.Registry.Add(next.Host.Registry[DeviceScenario.Device]! with { Tags = [.. Canary] });
        var again = (await next.ReattachAsync(attached.Order, generation: attached.Generation)).Tags!;

        Assert.Equal(Canary, again.Tags);
        Assert.True(again.IsLaterThan(told));
    }

    [Fact]
    public async Task Tags_ThatCouldNotBeStored_AreNotTold_AndGoneWithTheNextAttach()
    {
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        var attached = await _scenario.AttachAsync();
        var stored = new TaskCompletionSource();
        _scenario.Host.Registry.OnWrite = () => stored.Task;
        var setting = _scenario.Grain.SetTagsAsync([.. Two]);
        var meanwhile = (await _scenario.ReattachAsync(attached.Order)).Tags!;
        stored.SetException(new StoreUnavailableException());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => setting);

        Assert.Empty(_scenario.Gateway.TagChanges);
        var after = (await _scenario.ReattachAsync(attached.Order)).Tags!;
        Assert.Equal(Canary, after.Tags);
        Assert.True(after.IsLaterThan(meanwhile));
    }

    [Fact]
    public async Task AnonymousClient_HasNone_AlsoWhereADeviceOfItsNameIsRegistered()
    {
        await _scenario.Grain.SetTagsAsync([.. Canary]);
        var attached = await _scenario.AttachAsync(kind: CredentialKind.Anonymous);
        Assert.Null(attached.Tags);
        await _scenario.Grain.SetTagsAsync([.. Two]);
        Assert.Empty(_scenario.Gateway.TagChanges);
        Assert.Null((await _scenario.ReattachAsync(attached.Order, kind: CredentialKind.Anonymous)).Tags);
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
