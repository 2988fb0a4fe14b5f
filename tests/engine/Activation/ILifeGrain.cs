using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

/// <summary>A grain that enters "made", "activated" and "deactivated (reason)" in its journal.</summary>
public interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>Which of the activations of its key this one is, from 1 on.</summary>
    Task<int> ActivationAsync();

    /// <summary>The same, after the gate of that name has opened.</summary>
    Task<int> HoldAsync(string gate);

    /// <summary>Asks for deactivation and runs on until the gate is open.</summary>
    Task<int> DeactivateAndHoldAsync(string gate);

    Task DeactivateAsync();

    Task DelayDeactivationAsync(TimeSpan time);

    /// <summary>Starts a timer that does nothing.</summary>
    Task StartTimerAsync(TimeSpan period, bool keepAlive);

    [AlwaysInterleave]
    Task<int> ActivationInterleavingAsync();
}
