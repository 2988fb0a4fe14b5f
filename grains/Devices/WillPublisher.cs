using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Devices;

/// <summary>Publishes the wills of devices whose gateways were lost, through any gateway that is alive.</summary>
internal sealed partial class WillPublisher(LiveGateways gateways, TimeProvider time, ILogger<WillPublisher> logger)
{
    private const int AttemptsMax = 5;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    /// <summary>Publishes a will behind the caller's back; a failure is tried again elsewhere, and told when nothing helps.</summary>
    public async void Publish(DeviceId device, DeviceWill will)
    {
        var first = Random.Shared.Next(int.MaxValue - AttemptsMax);
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await TryPublishAsync(device, will, first + attempt))
            {
                return;
            }

            await Task.Delay(RetryInterval, time);
        }

        LogLost(logger, device, will.Topic);
    }

    private async Task<bool> TryPublishAsync(DeviceId device, DeviceWill will, int turn)
    {
        try
        {
            var live = gateways.List;
            if (live.Length == 0)
            {
                return false;
            }

            await live[turn % live.Length].Peer.PublishWillAsync(will);
            return true;
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, device);
            return false;
        }
    }

    [LoggerMessage(3007, LogLevel.Information, "{Device}: a gateway did not take its will; another one is tried")]
    private static partial void LogFailed(ILogger logger, Exception exception, DeviceId device);

    [LoggerMessage(3008, LogLevel.Error, "{Device}: its will for {Topic} could not be published at any gateway")]
    private static partial void LogLost(ILogger logger, DeviceId device, string topic);
}
