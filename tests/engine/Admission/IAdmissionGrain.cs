using Orleans.Concurrency;

namespace IotPlatform.Engine.Tests;

public interface IAdmissionGrain : IGrainWithStringKey
{
    /// <summary>Runs until the gate of that name is open.</summary>
    Task HoldAsync(string gate);

    Task PassAsync();

    [AlwaysInterleave]
    Task HoldInterleavingAsync(string gate);

    [AlwaysInterleave]
    Task PassInterleavingAsync();

    [ReadOnly]
    Task HoldReadingAsync(string gate);

    [ReadOnly]
    Task PassReadingAsync();

    /// <summary>Calls <see cref="PassAsync"/> of its own reference.</summary>
    Task CallSelfAsync();

    /// <summary>Calls a grain that calls this one back.</summary>
    Task CallInARingAsync(string otherKey);

    [ResponseTimeout("00:00:02")]
    Task PassSoonAsync();

    Task CallBackAsync(string callerKey);
}
