namespace IotPlatform.Engine.Tests;

/// <summary>A grain that is handed references, and hands them out.</summary>
public interface IHolderGrain : IGrainWithStringKey
{
    Task<bool> IsSelfAsync(IHolderGrain reference);

    Task<string> KeyOfAsync(ICallGrain reference);

    Task<ICallGrain> OtherAsync(string key);

    /// <summary>Counts once more.</summary>
    Task IncrementAsync();
}
