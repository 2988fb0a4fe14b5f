using System.Collections.Concurrent;
using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Devices;

/// <summary>
/// Which devices of this silo are to be told when their gateway is lost, because they hold a will. All others find out by themselves when somebody asks
/// for them.
/// </summary>
internal sealed partial class WillWatch(IGrainFactory grains, ILogger<WillWatch> logger)
{
    /// <summary>Enough to be done soon, few enough to leave room for the devices that come back at that moment.</summary>
    private const int AtOnceMax = 32;

    private readonly ConcurrentDictionary<(GatewayId Gateway, long Epoch), ConcurrentDictionary<DeviceId, byte>> _devices = new();

    public void Add(DeviceId device, in Attachment attachment) =>
        _devices.GetOrAdd((attachment.Gateway, attachment.Epoch), static _ => new()).TryAdd(device, 0);

    public void Remove(DeviceId device, in Attachment attachment)
    {
        if (_devices.TryGetValue((attachment.Gateway, attachment.Epoch), out var devices))
        {
            devices.TryRemove(device, out _);
        }
    }

    /// <summary>Tells the grains of the devices that were connected there.</summary>
    public async Task GatewayLostAsync(GatewayId gateway, long epoch)
    {
        if (!_devices.TryRemove((gateway, epoch), out var devices))
        {
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax };
        await Parallel.ForEachAsync(devices.Keys, options, async (device, _) =>
        {
            try
            {
                await grains.GetGrain<IDeviceGrain>(device.GrainKey).GatewayLostAsync(gateway, epoch);
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception, device, gateway);
            }
        });
    }

    [LoggerMessage(3009, LogLevel.Warning, "{Device} could not be told that gateway {Gateway} is lost")]
    private static partial void LogFailed(ILogger logger, Exception exception, DeviceId device, GatewayId gateway);
}
