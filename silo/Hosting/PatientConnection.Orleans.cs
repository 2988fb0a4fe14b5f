using Microsoft.Extensions.Logging;

namespace IotPlatform.Hosting;

/// <summary>
/// Tries to reach the cluster again for as long as it takes: a gateway that is started before its silos waits for them. What does not get better by waiting,
/// such as a database without a schema, is told each time.
/// </summary>
internal sealed partial class PatientConnection(TimeProvider time, ILogger<PatientConnection> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private TimeSpan _wait = TimeSpan.FromMilliseconds(250);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogWaiting(logger, exception.Message);
        await Task.Delay(_wait, time, cancellationToken);
        _wait = _wait * 2 < WaitMax ? _wait * 2 : WaitMax;
        return true;
    }

    [LoggerMessage(5001, LogLevel.Warning, "The cluster can not be reached yet, and is tried again: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
