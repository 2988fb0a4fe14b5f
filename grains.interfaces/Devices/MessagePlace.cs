namespace IotPlatform.Devices;

/// <summary>A message's place among those of its product.</summary>
/// <param name="DeviceName">Whose it is.</param>
/// <param name="Sequence">Its place among that device's.</param>
[GenerateSerializer, Immutable, Alias("iot.message-place")]
public sealed record MessagePlace([property: Id(0)] string DeviceName, [property: Id(1)] long Sequence);
