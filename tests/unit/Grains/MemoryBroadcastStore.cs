using System.Collections.Concurrent;
using IotPlatform.Broadcasts;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Receipts in memory. A test can fail what is written.</summary>
internal sealed class MemoryBroadcastStore : IBroadcastStore
{
    private readonly ConcurrentDictionary<long, BroadcastReceipt> _receipts = new();

    public Func<Task> OnSave { get; set; } = static () => Task.CompletedTask;

    public async Task SaveAsync(BroadcastReceipt receipt)
    {
        await OnSave();
        _receipts[receipt.MessageId] = receipt;
    }

    public Task<BroadcastReceipt?> FindAsync(string productKey, long messageId) =>
        Task.FromResult(_receipts.TryGetValue(messageId, out var receipt) && receipt.ProductKey == productKey ? receipt : null);

    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        Task.FromResult(_receipts.Where(r => r.Value.CreatedAt < before).Take(limit).Count(_receipts.TryRemove));
}
