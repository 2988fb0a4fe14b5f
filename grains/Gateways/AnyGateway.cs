using Microsoft.Extensions.Logging;

namespace IotPlatform.Gateways;

/// <summary>Calls any gateway that is alive, and another one where that does not help.</summary>
internal sealed partial class AnyGateway(LiveGateways gateways, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    /// <param name="call">What a gateway is to do.</param>
    /// <param name="attemptsMax">How often it is tried, at one after the other.</param>
    /// <returns>Whether one has done it.</returns>
    public async Task<bool> TryCallAsync(Func<IGatewayPeer, Task> call, int attemptsMax)
    {
        var first = Random.Shared.Next(int.MaxValue - attemptsMax);
        for (var attempt = 0; attempt < attemptsMax; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(RetryInterval, time);
            }

            if (await TryCallAsync(call, first, attempt))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> TryCallAsync(Func<IGatewayPeer, Task> call, int first, int attempt)
    {
        try
        {
            var live = gateways.List;
            if (live.Length == 0)
            {
                return false;
            }

            await call(live[(first + attempt) % live.Length].Peer);
            return true;
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
            return false;
        }
    }

    [LoggerMessage(3007, LogLevel.Information, "A gateway did not do what it was asked for; another one is tried")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
