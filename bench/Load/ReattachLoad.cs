namespace IotPlatform.Bench.Load;

/// <summary>How many idle devices are to be found again after the loss of a silo, and how many messages a second go to them meanwhile.</summary>
internal sealed record ReattachLoad(int Devices, int MessagesPerSecond, int PayloadBytes)
{
    /// <summary>Time for messages alone, before the silo is killed.</summary>
    public required TimeSpan Before { get; init; }

    /// <summary>How long every device has to have been found online, again and again, to be called reachable.</summary>
    public required TimeSpan Calm { get; init; }

    /// <summary>After this time, what is not reachable is a fault.</summary>
    public required TimeSpan Limit { get; init; }
}
