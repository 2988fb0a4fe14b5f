using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>A session as one of its connections names it.</summary>
/// <param name="Device">Whose session it is.</param>
/// <param name="Order">The place of the connection among the device's (<see cref="AttachReply.Order"/>): a session heeds the last one only.</param>
[GenerateSerializer, Immutable, Alias("iot.session-name")]
public sealed record SessionName([property: Id(0)] DeviceId Device, [property: Id(1)] long Order);
