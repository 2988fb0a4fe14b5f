namespace IotPlatform.Engine.Tests;

public interface IBrokenGrain : IGrainWithStringKey
{
    Task PassAsync();
}
