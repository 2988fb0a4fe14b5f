using IotPlatform.Api;

namespace IotPlatform.Grpc;

/// <summary>What a caller is told about an exception that ended its call.</summary>
internal static partial class HandlerFault
{
    /// <summary>The status for what a handler threw; what it threw by mistake is logged and not told.</summary>
    public static RpcStatus ToStatus(Exception thrown, CallLifetime lifetime, string method, ILogger logger)
    {
        // A handler that was stopped by the deadline may have put it in its own words; the caller gets the reason.
        if (lifetime.IsPastDeadline)
        {
            return RpcStatus.DeadlineExceeded;
        }

        return thrown is CallerGoneException || (thrown is OperationCanceledException && lifetime.IsAborted)
            ? RpcStatus.Cancelled
            : ToStatus(thrown, method, logger);
    }

    /// <summary>The same for what ended one of many things that a call asks for, and not the call.</summary>
    public static RpcStatus ToStatus(Exception thrown, string method, ILogger logger)
    {
        switch (thrown)
        {
            case RpcException refusal:
                return refusal.Status;
            case var outage when Outages.StatusOf(outage) is { } status:
                LogOutage(logger, method, outage);
                return status;
            default:
                LogHandlerFailed(logger, method, thrown);
                return RpcStatus.HandlerFailed;
        }
    }

    [LoggerMessage(4502, LogLevel.Information, "{Method} could not be carried out now")]
    private static partial void LogOutage(ILogger logger, string method, Exception outage);

    [LoggerMessage(4501, LogLevel.Error, "{Method} failed without a status")]
    private static partial void LogHandlerFailed(ILogger logger, string method, Exception thrown);
}
