using System.Collections.Concurrent;
using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Broadcasts in memory. A test can fail what is written.</summary>
internal sealed class MemoryBroadcastStore : IBroadcastStore
{
    private readonly ConcurrentDictionary<long, BroadcastReceipt> _receipts = new();
    private readonly ConcurrentDictionary<long, LastingBroadcast> _lasting = new();
    private readonly ConcurrentDictionary<long, ImmutableSortedSet<string>> _unacknowledged = new();
    private readonly ConcurrentDictionary<(long MessageId, int Part), ImmutableArray<ulong>> _reached = new();

    public Func<Task> OnSave { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnNote { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnListUnacknowledged { get; set; } = static () => Task.CompletedTask;

    public Func<Task> OnAddReached { get; set; } = static () => Task.CompletedTask;

    /// <summary>Every note that was stored, in the order in which that was.</summary>
    public ConcurrentQueue<DeviceNote> Notes { get; } = new();

    public async Task SaveAsync(BroadcastReceipt receipt)
    {
        await OnSave();
        _receipts[receipt.MessageId] = receipt;
    }

    public async Task SaveAsync(LastingBroadcast broadcast)
    {
        await OnSave();
        _receipts[broadcast.Receipt.MessageId] = broadcast.Receipt;
        _lasting[broadcast.Receipt.MessageId] = broadcast;
    }

    public Task<BroadcastReceipt?> FindAsync(string productKey, long messageId) =>
        Task.FromResult(_receipts.TryGetValue(messageId, out var receipt) && receipt.ProductKey == productKey ? receipt : null);

    public Task<LastingBroadcast?> FindLastingAsync(string productKey, long messageId) =>
        Task.FromResult(_receipts.TryGetValue(messageId, out var receipt) && receipt.ProductKey == productKey ? Lasting(receipt) : null);

    public Task<ImmutableArray<BroadcastReceipt>> ListAsync(string productKey, long? before, int size) =>
        Task.FromResult<ImmutableArray<BroadcastReceipt>>(
            [.. _receipts.Values.Where(r => r.ProductKey == productKey && r.MessageId < (before ?? long.MaxValue)).OrderByDescending(static r => r.MessageId).Take(size)]);

    public Task<ImmutableArray<LastingBroadcast>> FindRunningAsync(string productKey) =>
        Task.FromResult<ImmutableArray<LastingBroadcast>>(
            [.. _receipts.Values.Where(r => r.ProductKey == productKey && r.Status == BroadcastStatus.Running).Select(Lasting).OfType<LastingBroadcast>()]);

    public Task<ImmutableArray<string>> FindRunningProductsAsync() =>
        Task.FromResult<ImmutableArray<string>>([.. _receipts.Values.Where(static r => r.Status == BroadcastStatus.Running).Select(static r => r.ProductKey).Distinct()]);

    public async Task NoteAsync(long messageId, ImmutableArray<DeviceNote> notes)
    {
        await OnNote();
        foreach (var note in notes)
        {
            Notes.Enqueue(note);
            _unacknowledged.AddOrUpdate(
                messageId,
                _ => note.HasAcknowledged ? [] : Empty.Add(note.DeviceName),
                (_, names) => note.HasAcknowledged ? names.Remove(note.DeviceName) : names.Add(note.DeviceName));
        }
    }

    public async Task<ImmutableArray<string>> ListUnacknowledgedAsync(long messageId, string? after, int size)
    {
        await OnListUnacknowledged();
        return [.. _unacknowledged.GetValueOrDefault(messageId, Empty).Where(name => string.CompareOrdinal(name, after ?? "") > 0).Take(size)];
    }

    public async Task AddReachedAsync(long messageId, int part, ImmutableArray<ulong> hashes)
    {
        await OnAddReached();
        _reached.AddOrUpdate((messageId, part), hashes, (_, known) => known.AddRange(hashes));
    }

    public Task<ImmutableArray<ulong>> LoadReachedAsync(long messageId, int part) =>
        Task.FromResult(_reached.GetValueOrDefault((messageId, part), []));

    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) =>
        Task.FromResult(_receipts.Where(r => r.Value.CreatedAt < before && r.Value.Status != BroadcastStatus.Running).Take(limit).Count(_receipts.TryRemove));

    public Task<int> DeleteBeyondAsync(int kept, int limit) =>
        Task.FromResult(_receipts.GroupBy(static r => r.Value.ProductKey)
            .SelectMany(product => product.OrderByDescending(static r => r.Key).Skip(kept))
            .Where(static r => r.Value.Status != BroadcastStatus.Running).Take(limit).ToList().Count(_receipts.TryRemove));

    private static ImmutableSortedSet<string> Empty => ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private LastingBroadcast? Lasting(BroadcastReceipt receipt) => _lasting.TryGetValue(receipt.MessageId, out var lasting) ? lasting with { Receipt = receipt } : null;
}
