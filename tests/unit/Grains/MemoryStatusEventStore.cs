using IotPlatform.Devices;
using IotPlatform.StatusEvents;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>Status events in memory, as one process writes them.</summary>
internal sealed class MemoryStatusEventStore : IStatusEventStore
{
    private readonly Lock _gate = new();
    private readonly List<StatusEventPage> _pages = [];

    /// <summary>Writes a page with the event of a message's acceptance.</summary>
    public void Add(DeviceMessage message)
    {
        using var events = new StatusEventBuffer();
        events.Add(message);
        lock (_gate)
        {
            _pages.Add(new StatusEventPage(new StatusEventPosition(0, _pages.Count + 1, 0), events.ToPage()));
        }
    }

    public Task<StatusEventPosition> GetEndAsync()
    {
        lock (_gate)
        {
            return Task.FromResult(new StatusEventPosition(0, _pages.Count, StatusEventPosition.WholePage));
        }
    }

    public Task<StatusEventReading> ReadAsync(StatusEventPosition after, int pagesMax)
    {
        lock (_gate)
        {
            return Task.FromResult(new StatusEventReading([.. _pages.Where(page => after.IsBefore(page.Position.BehindPage)).Take(pagesMax)], IsGapBefore: false));
        }
    }

    public Task<int> DeleteOldAsync(DateTimeOffset before, int limit) => Task.FromResult(0);

    public Task<int> DeleteBeyondAsync(long bytesMax, int limit) => Task.FromResult(0);
}
