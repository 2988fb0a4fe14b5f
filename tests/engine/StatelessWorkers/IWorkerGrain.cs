namespace IotPlatform.Engine.Tests;

public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Enters "starts" and waits at the gate.</summary>
    Task WorkAsync();
}
