namespace IotPlatform.Fuzz;

/// <summary>How far a connection is when the bytes begin that anything may have happened to.</summary>
internal enum StartState
{
    NotConnected,
    Connected311,
    Connected500,

    /// <summary>A session that outlives its connection, and may have before.</summary>
    Kept,

    /// <summary>Subscribed, with QoS 1 and 2 messages on their way to it.</summary>
    InFlight,
}
