using IotPlatform.StatusEvents;

namespace IotPlatform.Storage;

/// <summary>The status events of messages, which the store writes with what they tell of (<see cref="StatusEventBuffer"/>).</summary>
public interface IStatusEventStore
{
    /// <summary>Bytes of pages after which a reading ends early.</summary>
    const int ReadingBytesMax = 256 * 1024;

    /// <summary>Where the next event will be.</summary>
    Task<StatusEventPosition> GetEndAsync();

    /// <summary>The pages that have events behind a position, at most <paramref name="pagesMax"/>; all that come later will be behind them.</summary>
    Task<StatusEventReading> ReadAsync(StatusEventPosition after, int pagesMax);

    /// <summary>Deletes pages that were written before <paramref name="before"/>, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteOldAsync(DateTimeOffset before, int limit);

    /// <summary>Deletes the oldest pages where all of them have more than <paramref name="bytesMax"/>, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteBeyondAsync(long bytesMax, int limit);
}
