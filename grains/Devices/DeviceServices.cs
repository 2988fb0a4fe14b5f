using IotPlatform.Gateways;
using IotPlatform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotPlatform.Devices;

/// <summary>What every device grain uses; one object, because there may be a million of them.</summary>
internal sealed class DeviceServices(
    IRegistryStore registry, IMessageStore messages, HeldProgress progress, ProductRules rules, MessageIds ids, LiveGateways gateways, IDeliveries deliveries, WillWatch willWatch,
    WillPublisher wills, IOptions<DeviceMessageOptions> options, TimeProvider time, ILogger<DeviceGrain> logger)
{
    public IRegistryStore Registry => registry;

    public IMessageStore Messages => messages;

    public HeldProgress Progress => progress;

    public ProductRules Rules => rules;

    public MessageIds Ids => ids;

    public LiveGateways Gateways => gateways;

    public IDeliveries Deliveries => deliveries;

    public WillWatch WillWatch => willWatch;

    public WillPublisher Wills => wills;

    public DeviceMessageOptions Options { get; } = options.Value;

    public TimeProvider Time => time;

    public ILogger Logger => logger;
}
