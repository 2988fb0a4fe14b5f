using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <summary>A connection's receiving side, as those see it who have it wait.</summary>
internal interface IPausedReceiver
{
    /// <summary>Goes on receiving. Called once for each pause; it may come before the pause has taken effect.</summary>
    void ResumeReceiving();

    /// <summary>Ends the connection with a reason. May be called often and from anywhere.</summary>
    void Disconnect(ReasonCode reason);
}
