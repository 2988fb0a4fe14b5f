using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

public interface ICancellationGrain : IGrainWithStringKey
{
    /// <summary>Enters "starts", then waits for the token, and enters "cancelled".</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Enters "starts", then waits for the gate whatever the token says, and enters "ends".</summary>
    Task RunOnAsync(CancellationToken cancellationToken);

    Task<bool> IsCancelledAsync(int value, CancellationToken cancellationToken);

    /// <summary>Lets another grain run with its own token.</summary>
    Task RunOtherAsync(string otherKey, CancellationToken cancellationToken);

    /// <summary>Enters "told" in a callback of the token, and returns after that.</summary>
    Task RunWithCallbackAsync(CancellationToken cancellationToken);

    /// <summary>Holds the activation's thread, not only its turn, until the gate "thread" is open.</summary>
    [AlwaysInterleave]
    Task HoldThreadAsync();

    Task PassAsync();
}
