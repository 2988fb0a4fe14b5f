using IotPlatform.Broadcasts;

namespace IotPlatform.Storage;

/// <summary>Receipts of broadcasts. Every write is durable when its task completes.</summary>
public interface IBroadcastStore
{
    /// <summary>Stores a receipt, over an earlier one of the same broadcast.</summary>
    Task SaveAsync(BroadcastReceipt receipt);

    /// <summary>One receipt, or null.</summary>
    Task<BroadcastReceipt?> FindAsync(string productKey, long messageId);

    /// <summary>Deletes receipts of broadcasts accepted before <paramref name="before"/>, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteOldAsync(DateTimeOffset before, int limit);
}
