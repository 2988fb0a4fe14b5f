using System.Collections.Immutable;
using IotPlatform.Devices;
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

    /// <summary>
    /// Replaces what its devices may use beyond their own branches. Those that are subscribed to what they may not any more are disconnected, and find themselves
    /// unsubscribed when they come back.
    /// </summary>
    [Alias("set-topic-permissions")]
    Task<Reply<ProductView>> SetTopicPermissionsAsync(ImmutableArray<TopicPermission> permissions);

    /// <summary>Replaces how messages to its devices are kept and retried. Every silo goes by it a few seconds later.</summary>
    [Alias("set-message-policy")]
    Task<Reply<ProductView>> SetMessagePolicyAsync(MessagePolicy policy);

    /// <summary>A page of its messages as they are stored, by device, the oldest of each first. Refused where there is no such product.</summary>
    [Alias("list-messages"), AlwaysInterleave]
    Task<Reply<ProductMessagePage>> ListMessagesAsync(ListProductMessages request);

    /// <summary>Refused while it has devices.</summary>
    [Alias("delete")]
    Task<Reply<ProductView>> DeleteAsync();

    /// <summary>Registers a device. The answer carries its secret. Refused when its name is taken.</summary>
    [Alias("create-device")]
    Task<Reply<DeviceView>> CreateDeviceAsync(CreateDevice request);

    /// <summary>Registers devices, all or none; an empty name gets one made. The answer carries their secrets.</summary>
    [Alias("create-devices")]
    Task<Reply<DevicePage>> CreateDevicesAsync(ImmutableArray<string> deviceNames);
}
