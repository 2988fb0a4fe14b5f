namespace IotPlatform.Engine.Tests;

public interface IReentrantGrain : IGrainWithStringKey
{
    Task HoldAsync(string gate);

    Task PassAsync();

    Task CallSelfAsync();
}
