using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

public interface IListener : IGrainObserver
{
    [ResponseTimeout("00:00:02")]
    Task<int> DoubleAsync(int value);

    /// <summary>Waits at the gate of that name.</summary>
    Task HoldAsync(string gate);

    /// <summary>Enters "starts", then waits for the token, and enters "cancelled". Others run meanwhile.</summary>
    [AlwaysInterleave]
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Enters its number, with an await before and after.</summary>
    Task EnterAsync(int number);

    [AlwaysInterleave]
    Task PassInterleavingAsync();

    /// <summary>What the observer sees in the request context and in <see cref="Ambient.Local"/>.</summary>
    Task<string> ContextAsync(string name);

    Task FailAsync(string message);
}
