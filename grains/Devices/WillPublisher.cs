using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Devices;

/// <summary>Publishes the wills of devices whose gateways were lost, through any gateway that is alive.</summary>
internal sealed partial class WillPublisher(LiveGateways gateways, TimeProvider time, ILogger<WillPublisher> logger)
{
    private const int AttemptsMax = 5;

    private readonly AnyGateway _anyGateway = new(gateways, time, logger);

    /// <summary>Publishes a will behind the caller's back; a failure is tried again elsewhere, and told when nothing helps.</summary>
    public async void Publish(DeviceId device, DeviceWill will)
    {
        if (!await _anyGateway.TryCallAsync(gateway => gateway.PublishWillAsync(will), AttemptsMax))
        {
            LogLost(logger, device, will.Topic);
        }
    }

    [LoggerMessage(3008, LogLevel.Error, "{Device}: its will for {Topic} could not be published at any gateway")]
    private static partial void LogLost(ILogger logger, DeviceId device, string topic);
}
