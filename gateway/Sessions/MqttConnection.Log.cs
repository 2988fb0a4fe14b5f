using System.Net;
using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <content>What it logs: events 4101 to 4199. A client's fault is not ours: it is told at Debug, a refused login at Information.</content>
internal sealed partial class MqttConnection
{
    [LoggerMessage(4101, LogLevel.Debug, "Connection {ConnectionId}: {Device} is connected")]
    private static partial void LogConnected(ILogger logger, long connectionId, DeviceId device);

    [LoggerMessage(4102, LogLevel.Information, "Connection {ConnectionId} from {Address} was refused: {Reason}")]
    private static partial void LogConnectRefused(ILogger logger, long connectionId, EndPoint address, ReasonCode reason);

    [LoggerMessage(4103, LogLevel.Debug, "Connection {ConnectionId} is closed: {Reason}")]
    private static partial void LogDisconnected(ILogger logger, long connectionId, ReasonCode reason);

    [LoggerMessage(4104, LogLevel.Debug, "Connection {ConnectionId} is gone")]
    private static partial void LogClosed(ILogger logger, long connectionId);

    [LoggerMessage(4105, LogLevel.Warning, "Connection {ConnectionId}: its login could not be judged")]
    private static partial void LogAttachFailed(ILogger logger, Exception exception, long connectionId);

    [LoggerMessage(4109, LogLevel.Information, "Connection {ConnectionId}: its device's grain could not be reached, or takes this gateway for gone; its login is tried again")]
    private static partial void LogAttachRepeated(ILogger logger, Exception? exception, long connectionId);

    [LoggerMessage(4111, LogLevel.Debug, "Connection {ConnectionId}: what it shows to prove who it is is none: {Fault}")]
    private static partial void LogAuthenticationRefused(ILogger logger, long connectionId, ScramFault fault);

    [LoggerMessage(4106, LogLevel.Warning, "Connection {ConnectionId}: its device's grain could not be told")]
    private static partial void LogGrainFailed(ILogger logger, Exception exception, long connectionId);
}
