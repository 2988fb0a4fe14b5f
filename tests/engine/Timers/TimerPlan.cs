using System.Collections.Immutable;

namespace IotPlatform.Engine.Tests;

/// <summary>A timer for a test to have: when it ticks, and what its first ticks do; the later ones only count.</summary>
[GenerateSerializer, Immutable, Alias("engine.timer-plan")]
public sealed record TimerPlan(
    [property: Id(0)] TimeSpan DueTime,
    [property: Id(1)] TimeSpan Period,
    [property: Id(2)] bool Interleave,
    [property: Id(3)] bool KeepAlive,
    [property: Id(4)] ImmutableArray<Tick> FirstTicks)
{
    public static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    /// <summary>A timer with a short period.</summary>
    public static TimerPlan Periodic(params ReadOnlySpan<Tick> firstTicks) => new(Soon, Soon, false, false, [.. firstTicks]);
}
