using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>A page of a device's messages.</summary>
/// <param name="Messages">Newest first.</param>
/// <param name="NextBeforeSequence">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.device-message-page")]
public sealed record DeviceMessagePage([property: Id(0)] ImmutableArray<DeviceMessage> Messages, [property: Id(1)] long? NextBeforeSequence);
