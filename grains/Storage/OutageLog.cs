using Microsoft.Extensions.Logging;

namespace IotPlatform.Storage;

/// <summary>Says once that the store is away, and once that it is back, however many calls notice.</summary>
internal sealed partial class OutageLog(ILogger logger)
{
    private volatile bool _isAway;

    public bool IsAway => _isAway;

    public void Away(Exception exception)
    {
        if (!_isAway)
        {
            _isAway = true;
            LogAway(logger, exception);
        }
    }

    public void Back()
    {
        if (_isAway)
        {
            _isAway = false;
            LogBack(logger);
        }
    }

    [LoggerMessage(2003, LogLevel.Warning, "The store does not answer; calls wait for it, and fail after a few seconds")]
    private static partial void LogAway(ILogger logger, Exception exception);

    [LoggerMessage(2004, LogLevel.Information, "The store answers again")]
    private static partial void LogBack(ILogger logger);
}
