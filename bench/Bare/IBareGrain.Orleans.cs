namespace IotPlatform.Bench.Bare;

/// <summary>What a device grain costs at least: nothing is stored, nothing is decided.</summary>
[Alias("bench.bare")]
internal interface IBareGrain : IGrainWithStringKey
{
    /// <summary>Answers at once.</summary>
    [Alias("ping")]
    Task<long> PingAsync(long value);

    /// <summary>Answers when the caller's own process has.</summary>
    [Alias("round-trip")]
    Task<long> RoundTripAsync(IBareObserver observer, long value);
}
