namespace IotPlatform.Engine.Tests;

public interface IEarlyTimerGrain : IGrainWithStringKey
{
    Task PassAsync();
}
