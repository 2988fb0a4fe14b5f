namespace IotPlatform.Engine.Tests;

/// <summary>A grain that calls observers.</summary>
public interface ICallerGrain : IGrainWithStringKey
{
    Task<int> DoubleAsync(IListener listener, int value);

    /// <summary>Makes so many calls before it awaits any.</summary>
    Task EnterManyAsync(IListener listener, int calls);

    /// <summary>Holds both at the gate of that name, at once.</summary>
    Task HoldBothAsync(IListener first, IListener second, string gate);

    Task HoldAsync(IListener listener, string gate);

    /// <summary>Has the observer run with its own token.</summary>
    Task RunAsync(IListener listener, CancellationToken cancellationToken);

    /// <summary>What the observer's failure looks like to the grain.</summary>
    Task<string> FailureAsync(IListener listener, string message);

    Task KeepAsync(IListener listener);

    Task<int> DoubleByKeptAsync(int value);

    Task<bool> IsKeptAsync(IListener listener);
}
