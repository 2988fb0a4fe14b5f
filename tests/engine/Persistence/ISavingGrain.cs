namespace IotPlatform.Engine.Tests;

public interface ISavingGrain : IGrainWithStringKey
{
    Task<int> ValueAsync();

    Task<bool> RecordExistsAsync();

    /// <summary>Sets the value in memory only.</summary>
    Task SetAsync(int value);

    Task WriteAsync();

    Task ReadAsync();

    Task ClearAsync();

    Task DeactivateAsync();
}
