namespace IotPlatform.Engine.Tests;

public interface IContextGrain : IGrainWithStringKey
{
    /// <summary>What the grain sees in <see cref="Ambient.Local"/>.</summary>
    Task<string?> AsyncLocalAsync();

    /// <summary>What the grain sees in the request context.</summary>
    Task<string?> RequestValueAsync(string name);

    /// <summary>What the next grain sees in the request context.</summary>
    Task<string?> RequestValueOfNextAsync(string nextKey, string name);

    /// <summary>What the grain saw in the request context while it was activated.</summary>
    Task<string?> RequestValueAtActivationAsync();

    /// <summary>Starts a timer that enters what it sees in the request context.</summary>
    Task StartTimerAsync(string name);

    Task SetRequestValueAsync(string name, string value);
}
