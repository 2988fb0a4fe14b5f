using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Products and devices in memory. A test can fail what is written.</summary>
internal sealed class MemoryRegistryStore : IRegistryStore
{
    private readonly ConcurrentDictionary<string, ProductView> _products = new();
    private readonly ConcurrentDictionary<DeviceId, DeviceRegistration> _devices = new();

    public Func<Task> OnWrite { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnFindProduct { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnFindDevice { get; set; } = static () => Task.CompletedTask;

    public DeviceRegistration? this[DeviceId device] => _devices.GetValueOrDefault(device);

    public void Add(DeviceRegistration device) => _devices[device.Id] = device;

    public void Add(ProductView product) => _products[product.ProductKey] = product;

    public async Task<ProductView?> FindProductAsync(string productKey)
    {
        await OnFindProduct();
        return _products.GetValueOrDefault(productKey);
    }

    public Task<bool> TryAddProductAsync(ProductView product) => Task.FromResult(_products.TryAdd(product.ProductKey, product));

    public Task SetProductEnabledAsync(string productKey, bool isEnabled)
    {
        _products[productKey] = _products[productKey] with { IsEnabled = isEnabled };
        return Task.CompletedTask;
    }

    public Task SetTopicPermissionsAsync(string productKey, ImmutableArray<TopicPermission> permissions)
    {
        _products[productKey] = _products[productKey] with { TopicPermissions = permissions };
        return Task.CompletedTask;
    }

    public Task SetMessagePolicyAsync(string productKey, MessagePolicy? policy)
    {
        _products[productKey] = _products[productKey] with { Messages = policy };
        return Task.CompletedTask;
    }

    public Task<bool> TryDeleteProductAsync(string productKey) =>
        Task.FromResult(_devices.Keys.All(d => d.ProductKey != productKey) && _products.TryRemove(productKey, out _));

    public Task<ImmutableArray<ProductView>> ListProductsAsync(PageRequest page) =>
        Task.FromResult<ImmutableArray<ProductView>>([.. _products.Values
            .Where(p => string.CompareOrdinal(p.ProductKey, page.After) > 0)
            .OrderBy(static p => p.ProductKey, StringComparer.Ordinal)
            .Take(page.Size)]);

    public async Task<DeviceRegistration?> FindDeviceAsync(DeviceId device)
    {
        await OnFindDevice();
        return this[device];
    }

    public async Task<string?> TryAddDevicesAsync(ImmutableArray<DeviceRegistration> devices)
    {
        await OnWrite();
        if (devices.FirstOrDefault(d => _devices.ContainsKey(d.Id)) is { } taken)
        {
            return taken.Id.DeviceName;
        }

        foreach (var device in devices)
        {
            Add(device);
        }

        return null;
    }

    public async Task UpdateDeviceAsync(DeviceRegistration device)
    {
        await OnWrite();
        Add(device);
    }

    public async Task DeleteDeviceAsync(DeviceId device)
    {
        await OnWrite();
        _devices.TryRemove(device, out _);
    }

    public Task<ImmutableArray<DeviceRegistration>> ListDevicesAsync(string productKey, PageRequest page) =>
        Task.FromResult<ImmutableArray<DeviceRegistration>>([.. _devices.Values
            .Where(d => d.Id.ProductKey == productKey && string.CompareOrdinal(d.Id.DeviceName, page.After) > 0)
            .OrderBy(static d => d.Id.DeviceName, StringComparer.Ordinal)
            .Take(page.Size)]);
}
