using IotPlatform.Devices;

namespace IotPlatform.StatusEvents;

/// <summary>A message to a device has reached a status.</summary>
/// <param name="Device">The device.</param>
/// <param name="MessageId">The message.</param>
/// <param name="Name">The message's name; empty for none.</param>
/// <param name="Status">What it has reached.</param>
/// <param name="At">When, to the microsecond.</param>
/// <param name="Reason">Why it ended as timed out or failed.</param>
/// <param name="Position">Where the event stands among all of them.</param>
[GenerateSerializer, Immutable, Alias("iot.status-event")]
public sealed record StatusEvent(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] string MessageId,
    [property: Id(2)] string Name,
    [property: Id(3)] MessageStatus Status,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] string? Reason,
    [property: Id(6)] StatusEventPosition Position);
