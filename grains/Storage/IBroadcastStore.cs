using System.Collections.Immutable;
using IotPlatform.Broadcasts;

namespace IotPlatform.Storage;

/// <summary>Broadcasts: their receipts, and of those that last what is needed to go on with them. Every write is durable when its task completes.</summary>
public interface IBroadcastStore
{
    /// <summary>Stores a receipt, over an earlier one of the same broadcast.</summary>
    Task SaveAsync(BroadcastReceipt receipt);

    /// <summary>Stores a lasting broadcast, over an earlier one with the same id.</summary>
    Task SaveAsync(LastingBroadcast broadcast);

    /// <summary>One receipt, or null.</summary>
    Task<BroadcastReceipt?> FindAsync(string productKey, long messageId);

    /// <summary>One lasting broadcast, or null.</summary>
    Task<LastingBroadcast?> FindLastingAsync(string productKey, long messageId);

    /// <summary>Receipts of a product, newest first.</summary>
    /// <param name="productKey">The product.</param>
    /// <param name="before">Only older ones; null: from the newest on.</param>
    /// <param name="size">How many at most.</param>
    Task<ImmutableArray<BroadcastReceipt>> ListAsync(string productKey, long? before, int size);

    /// <summary>The lasting broadcasts of a product that run.</summary>
    Task<ImmutableArray<LastingBroadcast>> FindRunningAsync(string productKey);

    /// <summary>The products of which lasting broadcasts run.</summary>
    Task<ImmutableArray<string>> FindRunningProductsAsync();

    /// <summary>Stores what has become of devices, in this order: they are among those that have not acknowledged, or not any more.</summary>
    Task NoteAsync(long messageId, ImmutableArray<DeviceNote> notes);

    /// <summary>Devices that have not acknowledged, in the order of their names, as they were noted.</summary>
    /// <param name="messageId">The broadcast.</param>
    /// <param name="after">Only names behind this one; null: from the first on.</param>
    /// <param name="size">How many at most.</param>
    Task<ImmutableArray<string>> ListUnacknowledgedAsync(long messageId, string? after, int size);

    /// <summary>Stores devices that a broadcast has reached.</summary>
    /// <param name="messageId">The broadcast.</param>
    /// <param name="part">The part of its devices.</param>
    /// <param name="hashes">The devices.</param>
    Task AddReachedAsync(long messageId, int part, ImmutableArray<ulong> hashes);

    /// <summary>The devices of a part that a broadcast has reached.</summary>
    Task<ImmutableArray<ulong>> LoadReachedAsync(long messageId, int part);

    /// <summary>Deletes ended broadcasts that were accepted before <paramref name="before"/>, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteOldAsync(DateTimeOffset before, int limit);

    /// <summary>Deletes a product's ended broadcasts but the newest <paramref name="kept"/>, for every product, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteBeyondAsync(int kept, int limit);
}
