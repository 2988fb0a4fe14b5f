using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts the grain's timer. It enters "tick" and "tock" around what each tick does.</summary>
    Task StartAsync(TimerPlan plan);

    /// <summary>Starts a timer that is given this state, and enters it.</summary>
    Task StartWithStateAsync(string state);

    [AlwaysInterleave]
    Task ChangeAsync(TimeSpan dueTime, TimeSpan period);

    [AlwaysInterleave]
    Task StopAsync();

    /// <summary>Starts the timer and runs on until the gate "request" is open.</summary>
    Task StartAndHoldAsync(TimerPlan plan);

    /// <summary>Whether the token that the last tick was given is cancelled.</summary>
    [AlwaysInterleave]
    Task<bool> IsTokenCancelledAsync();

    Task DeactivateAsync();
}
