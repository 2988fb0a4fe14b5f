using System.Collections.Immutable;

namespace IotPlatform.StatusEvents;

/// <summary>All pushes. Key: <see cref="GrainKey"/>. What is answered is durable.</summary>
[Alias("iot.status-pushes")]
public interface IStatusPushesGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string GrainKey = "status-pushes";

    /// <summary>Pushes what happens from now on. RESOURCE_EXHAUSTED: there are as many as there may be. INVALID_ARGUMENT: a URL that is not pushed to.</summary>
    [Alias("create")]
    Task<Reply<StatusPush>> CreateAsync(StatusPush push);

    /// <summary>All of them, the oldest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<StatusPushView>> ListAsync();

    /// <summary>Ends one.</summary>
    [Alias("delete")]
    Task<Reply<StatusPush>> DeleteAsync(string id);

    /// <summary>Has those go on that should, and whose silo was lost.</summary>
    [Alias("ensure-running")]
    Task EnsureRunningAsync();
}
