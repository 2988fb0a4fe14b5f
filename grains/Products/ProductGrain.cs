using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Products;

/// <summary>One product.</summary>
internal sealed partial class ProductGrain(IRegistryStore store, IMessageStore messages, TimeProvider time, ILogger<ProductGrain> logger) : Grain, IProductGrain
{
    private ProductView? _product;

    private string ProductKey => this.GetPrimaryKeyString()["product/".Length..];

    public async Task<Reply<ProductView>> GetAsync()
    {
        if (await LoadAsync() is { } product)
        {
            return product;
        }

        // Guessed keys must not fill the memory.
        DeactivateOnIdle();
        return NotFound();
    }

    public async Task<Reply<ProductView>> CreateAsync(CreateProduct request)
    {
        var product = new ProductView(ProductKey, request.Name, IsEnabled: true, request.IsRegistrationOpen, time.GetUtcNow(), TopicPermissions: []);
        if (!await store.TryAddProductAsync(product))
        {
            return Refusal.AlreadyExists($"Product {ProductKey} exists.");
        }

        await TellGatewaysAsync(product);
        return _product = product;
    }

    public async Task<Reply<ProductView>> SetEnabledAsync(bool isEnabled)
    {
        if (await LoadAsync() is not { } product)
        {
            return NotFound();
        }

        await store.SetProductEnabledAsync(ProductKey, isEnabled);
        _product = product with { IsEnabled = isEnabled };
        await TellGatewaysAsync(_product);
        return _product;
    }

    public async Task<Reply<ProductView>> SetTopicPermissionsAsync(ImmutableArray<TopicPermission> permissions)
    {
        if (await LoadAsync() is not { } product)
        {
            return NotFound();
        }

        await store.SetTopicPermissionsAsync(ProductKey, permissions);
        _product = product with { TopicPermissions = permissions };
        await TellGatewaysAsync(_product);
        return _product;
    }

    public async Task<Reply<ProductView>> SetMessagePolicyAsync(MessagePolicy policy)
    {
        if (await LoadAsync() is not { } product)
        {
            return NotFound();
        }

        MessagePolicy? own = policy == MessagePolicy.Default ? null : policy;
        await store.SetMessagePolicyAsync(ProductKey, own);
        return _product = product with { Messages = own };
    }

    public async Task<Reply<ProductMessagePage>> ListMessagesAsync(ListProductMessages request)
    {
        if (await LoadAsync() is null)
        {
            return NotFound();
        }

        var found = await messages.ListProductAsync(ProductKey, request with { PageSize = request.PageSize + 1 });
        var (page, mayHaveMore) = MessagePages.Cut(found, request.PageSize);
        return new ProductMessagePage(page, mayHaveMore ? new MessagePlace(page[^1].Device.DeviceName, page[^1].Sequence) : null);
    }

    public async Task<Reply<ProductView>> DeleteAsync()
    {
        if (await LoadAsync() is not { } product)
        {
            return NotFound();
        }

        if (!await store.TryDeleteProductAsync(ProductKey))
        {
            return Refusal.FailedPrecondition($"Product {ProductKey} still has devices.");
        }

        _product = null;
        await TellGatewaysAsync(null);
        return product;
    }

    public async Task<Reply<DeviceView>> CreateDeviceAsync(CreateDevice request)
    {
        var device = NewDevice(request.DeviceName, time.GetUtcNow()) with { Tags = TagSets.Shared.Share(request.Tags) };
        return await AddAsync([device]) is { } refusal ? refusal : device.ToView() with { Secret = device.Secret };
    }

    public async Task<Reply<DevicePage>> CreateDevicesAsync(ImmutableArray<string> deviceNames)
    {
        var now = time.GetUtcNow();
        ImmutableArray<DeviceRegistration> devices = [.. deviceNames.Select(name => NewDevice(name, now))];
        return await AddAsync(devices) is { } refusal
            ? refusal
            : new DevicePage([.. devices.Select(static d => d.ToView() with { Secret = d.Secret })], null);
    }

    /// <returns>Null when they are registered.</returns>
    private async Task<Refusal?> AddAsync(ImmutableArray<DeviceRegistration> devices) =>
        await LoadAsync() is null ? NotFound()
        : await store.TryAddDevicesAsync(devices) is { } taken ? Refusal.AlreadyExists($"Device {taken} of {ProductKey} exists.")
        : null;

    private DeviceRegistration NewDevice(string name, DateTimeOffset now) =>
        new(new DeviceId(ProductKey, name.Length > 0 ? name : Guid.NewGuid().ToString("N")), DeviceSecret.Create(), IsEnabled: true, now);

    private async Task<ProductView?> LoadAsync() => _product ??= await store.FindProductAsync(ProductKey);

    private Refusal NotFound() => Refusal.NotFound($"There is no product {ProductKey}.");

    // A gateway that can not be reached reads the product anew once its own copy is old.
    private async Task TellGatewaysAsync(ProductView? product)
    {
        var gateways = await GrainFactory.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).ListAsync();
        foreach (var shard in gateways.Gateways.SelectMany(static gateway => gateway.Shards))
        {
            try
            {
                await shard.ProductChangedAsync(ProductKey, product);
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                LogNotTold(logger, exception, ProductKey);
            }
        }
    }

    [LoggerMessage(3401, LogLevel.Warning, "A gateway could not be told that product {ProductKey} changed")]
    private static partial void LogNotTold(ILogger logger, Exception exception, string productKey);
}
