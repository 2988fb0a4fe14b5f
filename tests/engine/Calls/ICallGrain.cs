using System.Collections.Immutable;

namespace IotPlatform.Engine.Tests;

public interface ICallGrain : IGrainWithStringKey
{
    Task<string> KeyAsync();

    Task<Parcel?> EchoAsync(Parcel? parcel);

    Task<ImmutableArray<int>> EchoAllAsync(ImmutableArray<int> values);

    Task<int?> SumAsync(int first, long? second, TimeSpan third);

    Task FailAsync(string message);

    Task<int> FailAtOnceAsync(string message);

    Task FailWithOwnTypeAsync(string message);

    /// <summary>Returns no task at all.</summary>
    Task ReturnNothingAsync();

    /// <summary>Calls on through so many more grains.</summary>
    Task<int> CallOnAsync(int more);

    /// <summary>Keeps the bytes for <see cref="KeptAsync"/>.</summary>
    Task KeepAsync(ReadOnlyMemory<byte> bytes);

    Task<ImmutableArray<byte>> KeptAsync();

    Task CancelItselfAsync();

    /// <summary>How many calls this activation has had.</summary>
    Task<int> CallsAsync();

    /// <summary>The key, as answered by the grain of that key.</summary>
    Task<string> KeyOfOtherAsync(string otherKey);

    /// <summary>What the other grain's failure looks like to this one.</summary>
    Task<string> FailureOfOtherAsync(string otherKey, string message);

    /// <summary>What the grain finds by itself.</summary>
    Task<bool> FindsServicesAsync();

    [ResponseTimeout("00:00:01")]
    Task HoldASecondAtMostAsync();

    Task HoldAsync();
}
