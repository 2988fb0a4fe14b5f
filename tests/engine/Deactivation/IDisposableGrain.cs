namespace IotPlatform.Engine.Tests;

public interface IDisposableGrain : IGrainWithStringKey
{
    Task DeactivateAsync();
}
