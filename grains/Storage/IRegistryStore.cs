using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Products;

namespace IotPlatform.Storage;

/// <summary>Products and devices. Every write is durable when its task completes.</summary>
public interface IRegistryStore
{
    /// <summary>One product, or null.</summary>
    Task<ProductView?> FindProductAsync(string productKey);

    /// <summary>Stores a new product; false when its key is taken.</summary>
    Task<bool> TryAddProductAsync(ProductView product);

    /// <summary>Stores whether a product is enabled.</summary>
    Task SetProductEnabledAsync(string productKey, bool isEnabled);

    /// <summary>Stores what a product's devices may use beyond their own branches.</summary>
    Task SetTopicPermissionsAsync(string productKey, ImmutableArray<TopicPermission> permissions);

    /// <summary>Stores how messages to a product's devices are kept and retried; null: by the installation's settings.</summary>
    Task SetMessagePolicyAsync(string productKey, MessagePolicy? policy);

    /// <summary>Deletes a product that has no devices; false when it has some.</summary>
    Task<bool> TryDeleteProductAsync(string productKey);

    /// <summary>Products in the order of their keys.</summary>
    Task<ImmutableArray<ProductView>> ListProductsAsync(PageRequest page);

    /// <summary>One device, or null.</summary>
    Task<DeviceRegistration?> FindDeviceAsync(DeviceId device);

    /// <summary>Stores new devices, all or none.</summary>
    /// <returns>Null when stored, otherwise a name that is taken.</returns>
    Task<string?> TryAddDevicesAsync(ImmutableArray<DeviceRegistration> devices);

    /// <summary>Stores a device's changed registration.</summary>
    Task UpdateDeviceAsync(DeviceRegistration device);

    /// <summary>Deletes a device.</summary>
    Task DeleteDeviceAsync(DeviceId device);

    /// <summary>A product's devices in the order of their names.</summary>
    Task<ImmutableArray<DeviceRegistration>> ListDevicesAsync(string productKey, PageRequest page);
}
