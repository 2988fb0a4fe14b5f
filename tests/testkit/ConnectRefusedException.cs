using IotPlatform.Mqtt;

namespace IotPlatform.Testkit;

/// <summary>The server refused a CONNECT that was to succeed.</summary>
public sealed class ConnectRefusedException(ReasonCode reason) : Exception($"CONNECT was refused: {reason}.")
{
    /// <summary>Why.</summary>
    public ReasonCode Reason => reason;
}
