using System.Collections.Immutable;
using Orleans.Concurrency;

namespace IotPlatform.Products;

/// <summary>One product. Key: <see cref="KeyOf"/>.</summary>
[Alias("iot.product")]
public interface IProductGrain : IGrainWithStringKey
{
    /// <summary>The key of a product's grain.</summary>
    static string KeyOf(string productKey) => $"product/{productKey}";

    /// <summary>Refused when there is none.</summary>
    [Alias("get"), ReadOnly]
    Task<Reply<ProductView>> GetAsync();

    /// <summary>Refused when it exists.</summary>
    [Alias("create")]
    Task<Reply<ProductView>> CreateAsync(CreateProduct request);

    /// <summary>Lets its devices log in, or not; the devices of a disabled one are disconnected.</summary>
    [Alias("set-enabled")]
    Task<Reply<ProductView>> SetEnabledAsync(bool isEnabled);

    /// <summary>Refused while it has devices.</summary>
    [Alias("delete")]
    Task<Reply<ProductView>> DeleteAsync();

    /// <summary>Registers devices, all or none; an empty name gets one made. The answer carries their secrets.</summary>
    [Alias("create-devices")]
    Task<Reply<DevicePage>> CreateDevicesAsync(ImmutableArray<string> deviceNames);
}

/// <summary>A product to be made.</summary>
[GenerateSerializer, Immutable, Alias("iot.create-product")]
public sealed record CreateProduct([property: Id(0)] string Name, [property: Id(1)] bool IsRegistrationOpen);

/// <summary>A product.</summary>
/// <param name="ProductKey">Unique.</param>
/// <param name="Name">For people.</param>
/// <param name="IsEnabled">Whether its devices may log in.</param>
/// <param name="IsRegistrationOpen">Whether unknown devices register themselves at their first login.</param>
/// <param name="CreatedAt">When it was made.</param>
[GenerateSerializer, Immutable, Alias("iot.product-view")]
public sealed record ProductView(
    [property: Id(0)] string ProductKey,
    [property: Id(1)] string Name,
    [property: Id(2)] bool IsEnabled,
    [property: Id(3)] bool IsRegistrationOpen,
    [property: Id(4)] DateTimeOffset CreatedAt);
