
namespace IotPlatform.Products;

/// <summary>Reads across products and devices, straight from the store. Key: <see cref="GrainKey"/>; keeps nothing between calls.</summary>
[Alias("iot.registry-reader")]
public interface IRegistryReaderGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string GrainKey = "registry/reader";

    /// <summary>Products in the order of their keys.</summary>
    [Alias("list-products")]
    Task<ProductPage> ListProductsAsync(PageRequest page);

    /// <summary>A product's devices in the order of their names, without their connections.</summary>
    [Alias("list-devices")]
    Task<DevicePage> ListDevicesAsync(string productKey, PageRequest page);
}
