using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>Some names of devices, in their order.</summary>
/// <param name="Names">The names.</param>
/// <param name="HasMore">Whether others follow.</param>
[GenerateSerializer, Immutable, Alias("iot.device-name-page")]
public sealed record DeviceNamePage([property: Id(0)] ImmutableArray<string> Names, [property: Id(1)] bool HasMore);
