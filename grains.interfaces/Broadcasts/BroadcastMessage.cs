
namespace IotPlatform.Broadcasts;

/// <summary>One broadcast on its way.</summary>
/// <param name="MessageId">Unique in this installation; in the topic of every copy.</param>
/// <param name="ProductKey">Whose devices get it.</param>
/// <param name="Topic">Null: every online device, each on its own topic.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="Payload">What the devices get.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-message")]
public sealed record BroadcastMessage(
    [property: Id(0)] long MessageId,
    [property: Id(1)] string ProductKey,
    [property: Id(2)] string? Topic,
    [property: Id(3)] int QoS,
    [property: Id(4)] ReadOnlyMemory<byte> Payload);
