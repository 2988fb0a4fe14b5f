namespace IotPlatform.Devices;

/// <summary>What a purge has ended.</summary>
/// <param name="Count">How many messages.</param>
[GenerateSerializer, Immutable, Alias("iot.purged-messages")]
public sealed record PurgedMessages([property: Id(0)] int Count);
