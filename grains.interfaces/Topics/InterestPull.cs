using IotPlatform.Gateways;

namespace IotPlatform.Topics;

/// <summary>A gateway asks another for its interests.</summary>
/// <param name="Gateway">Who asks.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="SinceEpoch">The epoch that <paramref name="SinceVersion"/> is of.</param>
/// <param name="SinceVersion">The version that is in effect at the asking gateway; 0 for none.</param>
/// <param name="Number">Grows with each pull of the asking gateway: one that has been given up, and comes late, says nothing any more.</param>
[GenerateSerializer, Immutable, Alias("iot.interest-pull")]
public sealed record InterestPull(
    [property: Id(0)] GatewayId Gateway,
    [property: Id(1)] long Epoch,
    [property: Id(2)] long SinceEpoch,
    [property: Id(3)] long SinceVersion,
    [property: Id(4)] long Number);
