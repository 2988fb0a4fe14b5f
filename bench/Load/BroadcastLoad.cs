namespace IotPlatform.Bench.Load;

/// <summary>How many broadcasts to how many devices, and how many calls at a time.</summary>
internal sealed record BroadcastLoad(int Devices, int Broadcasts, int InFlight, int PayloadBytes, int Qos)
{
    /// <summary>Whether a broadcast must have reached every device before the next one is called.</summary>
    public bool OneAtATime => InFlight == 1;

    /// <summary>How long calls are made and measured; null when it is the number of broadcasts that counts.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How long the same load runs before it is measured, so that just-in-time compilers are done.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Without any delivery for this long, what is still missing is taken as lost.</summary>
    public required TimeSpan Patience { get; init; }
}
