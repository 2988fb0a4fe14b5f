using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>A step in the life of a message, that a session's client has made.</summary>
/// <param name="Device">Whose session it is.</param>
/// <param name="Kind">The step.</param>
/// <param name="Number">The message's sequence for messages to the client, its packet identifier for those from the client.</param>
/// <param name="PublishId">Of a message from the client: what all copies of it are known by.</param>
[GenerateSerializer, Immutable, Alias("iot.session-step")]
public sealed record SessionStep(
    [property: Id(0)] DeviceId Device, [property: Id(1)] SessionStepKind Kind, [property: Id(2)] long Number, [property: Id(3)] long PublishId);
