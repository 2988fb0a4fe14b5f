namespace IotPlatform.Bench.Bare;

/// <summary>What a gateway's shard costs at least.</summary>
[Alias("bench.bare-observer")]
internal interface IBareObserver : IGrainObserver
{
    /// <summary>Answers at once.</summary>
    [Alias("tell")]
    Task<long> TellAsync(long value);
}
