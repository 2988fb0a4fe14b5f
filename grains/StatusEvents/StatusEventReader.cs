using System.Collections.Immutable;
using IotPlatform.Storage;

namespace IotPlatform.StatusEvents;

/// <summary>Reads status events page by page, and passes on those that are wanted.</summary>
internal sealed class StatusEventReader(IStatusEventStore store)
{
    /// <summary>Pages looked at in one reading: at a low rate there is one an event.</summary>
    private const int PagesMax = 1_000;

    /// <summary>Where the next event will be.</summary>
    public Task<StatusEventPosition> GetEndAsync() => store.GetEndAsync();

    /// <summary>The next events behind a position that the filter includes.</summary>
    public async Task<StatusEventBatch> ReadAsync(StatusEventPosition after, StatusEventFilter filter)
    {
        var reading = await store.ReadAsync(after, PagesMax);
        var events = ImmutableArray.CreateBuilder<StatusEvent>();
        var next = after;
        foreach (var page in reading.Pages)
        {
            foreach (var status in StatusEventBuffer.Read(page))
            {
                if (after.IsBefore(status.Position) && filter.Includes(status))
                {
                    events.Add(status);
                }
            }

            next = page.Position.BehindPage;
        }

        return new StatusEventBatch(events.DrainToImmutable(), next, IsAtEnd: reading.Pages.IsEmpty, reading.IsGapBefore);
    }
}
