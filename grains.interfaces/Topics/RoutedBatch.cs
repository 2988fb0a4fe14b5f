using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Topics;

/// <summary>Publishes from one gateway to another, in their order.</summary>
/// <param name="From">The gateway that they were published at.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Number">Grows with each batch of that gateway to this one; the same when a batch is sent again.</param>
/// <param name="Messages">The publishes.</param>
[GenerateSerializer, Immutable, Alias("iot.routed-batch")]
public sealed record RoutedBatch(
    [property: Id(0)] GatewayId From, [property: Id(1)] long Epoch, [property: Id(2)] long Number, [property: Id(3)] ImmutableArray<RoutedPublish> Messages);
