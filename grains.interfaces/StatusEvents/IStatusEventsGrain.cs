namespace IotPlatform.StatusEvents;

/// <summary>
/// The status events of all messages to devices, in an order in which those of one message are never exchanged. Key: <see cref="GrainKey"/>; any silo answers.
/// </summary>
[Alias("iot.status-events")]
public interface IStatusEventsGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string GrainKey = "status-events";

    /// <summary>Where the next event will be.</summary>
    [Alias("end")]
    Task<StatusEventPosition> GetEndAsync();

    /// <summary>The events behind a position that <paramref name="filter"/> includes: some of them, and none as well where there are many others in between.</summary>
    [Alias("read")]
    Task<StatusEventBatch> ReadAsync(StatusEventPosition after, StatusEventFilter filter);
}
