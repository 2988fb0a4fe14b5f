using System.Collections.Immutable;
using IotPlatform.Devices;

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

/// <summary>Asks for a page.</summary>
/// <param name="Size">At most so many.</param>
/// <param name="After">Only what sorts behind that; null for the first page.</param>
[GenerateSerializer, Immutable, Alias("iot.page-request")]
public sealed record PageRequest([property: Id(0)] int Size, [property: Id(1)] string? After);

/// <summary>A page of products.</summary>
/// <param name="Products">In the order of their keys.</param>
/// <param name="Next">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.product-page")]
public sealed record ProductPage([property: Id(0)] ImmutableArray<ProductView> Products, [property: Id(1)] string? Next);

/// <summary>A page of devices.</summary>
/// <param name="Devices">In the order of their names.</param>
/// <param name="Next">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.device-page")]
public sealed record DevicePage([property: Id(0)] ImmutableArray<DeviceView> Devices, [property: Id(1)] string? Next);
