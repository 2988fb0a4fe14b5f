using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Pushes in memory. A test can fail what is written.</summary>
internal sealed class MemoryStatusPushStore : IStatusPushStore
{
    private readonly ConcurrentDictionary<string, StoredStatusPush> _pushes = new();

    public Action<StoredStatusPush> OnUpdate { get; set; } = static _ => { };

    public StoredStatusPush? this[string id] => _pushes.GetValueOrDefault(id);

    public Task<ImmutableArray<StoredStatusPush>> LoadAsync() => Task.FromResult<ImmutableArray<StoredStatusPush>>([.. _pushes.Values]);

    public Task<StoredStatusPush?> FindAsync(string id) => Task.FromResult(_pushes.GetValueOrDefault(id));

    public Task AddAsync(StoredStatusPush push)
    {
        _pushes[push.Push.Id] = push;
        return Task.CompletedTask;
    }

    public async Task UpdateAsync(StoredStatusPush push)
    {
        // As a store does that has to wait for its disk.
        await Task.Yield();
        OnUpdate(push);
        if (_pushes.ContainsKey(push.Push.Id))
        {
            _pushes[push.Push.Id] = push;
        }
    }

    public Task DeleteAsync(string id)
    {
        _pushes.TryRemove(id, out _);
        return Task.CompletedTask;
    }
}
