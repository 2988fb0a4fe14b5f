using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <summary>What a reason code says of a publish.</summary>
internal static class PublishReason
{
    /// <summary>
    /// The server could not take it just now, and the client should send it again. 3.1.1 has no word for that: to close is to leave the publish unacknowledged, so
    /// that the client does.
    /// </summary>
    public static bool IsNotTaken(this ReasonCode reason) => reason is ReasonCode.UnspecifiedError or ReasonCode.QuotaExceeded;
}
