namespace IotPlatform.Broadcasts;

/// <summary>A broadcast to be sent.</summary>
/// <param name="Topic">Null: every online device of the product, each on its own topic. Otherwise the devices subscribed to it.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Payload">What the devices get.</param>
[GenerateSerializer, Immutable, Alias("iot.publish-broadcast")]
public sealed record PublishBroadcast(
    [property: Id(0)] string? Topic, [property: Id(1)] int QoS, [property: Id(2)] ReadOnlyMemory<byte> Payload);
