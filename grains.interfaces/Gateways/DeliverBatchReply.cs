using System.Collections.Immutable;

namespace IotPlatform.Gateways;

/// <summary>What became of each request, in their order.</summary>
[GenerateSerializer, Immutable, Alias("iot.deliver-batch-reply")]
public sealed record DeliverBatchReply([property: Id(0)] ImmutableArray<DeliverReply> Replies);
