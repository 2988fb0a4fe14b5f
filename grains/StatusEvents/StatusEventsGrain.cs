using Orleans.Concurrency;

namespace IotPlatform.StatusEvents;

/// <summary>Status events for those who watch them.</summary>
[Reentrant, StatelessWorker]
internal sealed class StatusEventsGrain(StatusEventReader reader) : Grain, IStatusEventsGrain
{
    public Task<StatusEventPosition> GetEndAsync() => reader.GetEndAsync();

    public Task<StatusEventBatch> ReadAsync(StatusEventPosition after, StatusEventFilter filter) => reader.ReadAsync(after, filter);
}
