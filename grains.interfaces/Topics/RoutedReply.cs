using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>The publishes of a batch have been taken.</summary>
/// <param name="Unserved">Shared subscriptions that have no member here any more: another gateway is to serve them.</param>
[GenerateSerializer, Immutable, Alias("iot.routed-reply")]
public sealed record RoutedReply([property: Id(0)] ImmutableArray<UnservedShare> Unserved);
