using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>What is published some time after a session's connection is lost, or when the session ends, unless its client comes back before that.</summary>
/// <param name="Will">What is published.</param>
/// <param name="Delay">Will Delay Interval (MQTT 5.0 section 3.1.3.2.2).</param>
[GenerateSerializer, Immutable, Alias("iot.session-will")]
public sealed record SessionWill([property: Id(0)] DeviceWill Will, [property: Id(1)] TimeSpan Delay);
