using System.Collections.Immutable;

namespace IotPlatform.Storage;

/// <summary>Pushes of status events. Every write is durable when its task completes.</summary>
public interface IStatusPushStore
{
    /// <summary>All of them.</summary>
    Task<ImmutableArray<StoredStatusPush>> LoadAsync();

    /// <summary>One of them, or null.</summary>
    Task<StoredStatusPush?> FindAsync(string id);

    /// <summary>Stores a new one.</summary>
    Task AddAsync(StoredStatusPush push);

    /// <summary>Stores how far one has come; nothing where it was deleted.</summary>
    Task UpdateAsync(StoredStatusPush push);

    /// <summary>Deletes one, if it is there.</summary>
    Task DeleteAsync(string id);
}
