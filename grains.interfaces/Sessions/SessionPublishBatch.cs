using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Sessions;

/// <summary>Publishes from one gateway, in their order.</summary>
/// <param name="From">The gateway.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Number">Grows with each batch; the same when one is sent again.</param>
/// <param name="Publishes">The publishes.</param>
[GenerateSerializer, Immutable, Alias("iot.session-publish-batch")]
public sealed record SessionPublishBatch(
    [property: Id(0)] GatewayId From, [property: Id(1)] long Epoch, [property: Id(2)] long Number, [property: Id(3)] ImmutableArray<SessionPublish> Publishes);
