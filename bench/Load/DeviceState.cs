namespace IotPlatform.Bench.Load;

/// <summary>How far a simulated device has come.</summary>
internal enum DeviceState : byte
{
    Idle,
    Connecting,
    AwaitingConnAck,
    AwaitingSubAck,
    Online,
    Closed,

    /// <summary>Connected, and reads no more.</summary>
    Stalled,
}
