namespace IotPlatform.Broadcasts;

/// <summary>How far a broadcast is.</summary>
[GenerateSerializer, Alias("iot.broadcast-status")]
public enum BroadcastStatus
{
    /// <summary>Devices are still to be written to, or may still come or acknowledge.</summary>
    Running = 1,

    /// <summary>Nothing more happens to it, unless it is retried.</summary>
    Completed = 2,

    /// <summary>Called off: whom it had not reached by then it does not reach.</summary>
    Cancelled = 3,
}
