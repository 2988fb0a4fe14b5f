namespace IotPlatform.Engine.Tests;

/// <summary>The other interface of <see cref="HolderGrain"/>.</summary>
public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> CountAsync();
}
