namespace IotPlatform.Sessions;

/// <summary>What becomes of a client that publishes more than it may.</summary>
public enum RateExceededAction
{
    /// <summary>It is not listened to until it is within its rate again: TCP holds it back, and nothing is lost.</summary>
    Delay,

    /// <summary>It is disconnected with 0x96.</summary>
    Disconnect,
}
