using Orleans;

namespace IotPlatform.Bench.Engine;

/// <summary>Answers.</summary>
[Alias("bench.ping")]
public interface IPingGrain : IGrainWithStringKey
{
    /// <summary>At once.</summary>
    [Alias("ping")]
    Task<int> PingAsync(int value);

    /// <summary>After a turn of waiting.</summary>
    [Alias("yield")]
    Task<int> YieldAsync(int value);
}
