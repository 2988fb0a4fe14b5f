using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Reads a field, awaits, and writes it back increased: safe only while calls do not overlap.</summary>
    Task IncrementAsync();

    Task<int> CountAsync();

    /// <summary>Awaits outside of the activation, takes a turn, and so on.</summary>
    [AlwaysInterleave]
    Task TakeTurnsAsync(int turns);

    /// <summary>Starts a timer that takes turns as long as the grain lives.</summary>
    Task StartTimerAsync();

    /// <summary>Holds a thread at that place until the gate is open, and enters "held".</summary>
    [AlwaysInterleave]
    Task HoldThreadAsync(TurnPlace place);

    /// <summary>Enters "passed".</summary>
    [AlwaysInterleave]
    Task PassAsync();
}
