using Microsoft.Extensions.Logging;

namespace IotPlatform.Devices;

/// <content>What it logs: events 3001 to 3099.</content>
internal sealed partial class DeviceGrain
{
    [LoggerMessage(3001, LogLevel.Debug, "{Device}: connection {Older} is taken over by {Newer}")]
    private static partial void LogTakenOver(ILogger logger, DeviceId device, long older, long newer);

    [LoggerMessage(3002, LogLevel.Debug, "{Device}: its gateway could not be told to close a connection")]
    private static partial void LogCloseFailed(ILogger logger, Exception exception, DeviceId device);

    [LoggerMessage(3003, LogLevel.Warning, "{Device}: its gateway did not answer a delivery; it is tried again")]
    private static partial void LogDeliveryFailed(ILogger logger, Exception exception, DeviceId device);

    [LoggerMessage(3004, LogLevel.Debug, "{Device}: message {MessageId} is {Status}")]
    private static partial void LogChanged(ILogger logger, DeviceId device, string messageId, MessageStatus status);

    [LoggerMessage(3005, LogLevel.Error, "{Device}: a message's progress could not be stored; it is tried again")]
    private static partial void LogStoreFailed(ILogger logger, Exception exception, DeviceId device);

    [LoggerMessage(3010, LogLevel.Warning, "{Device}: its gateway could not be told its tags; it learns them when it attaches the connection again")]
    private static partial void LogTagsNotTold(ILogger logger, Exception exception, DeviceId device);
}
