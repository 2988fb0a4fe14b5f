using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>Some broadcasts of a product, newest first.</summary>
/// <param name="Receipts">Their receipts.</param>
/// <param name="NextBefore">Older ones than this are on the next page; null on the last page.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-page")]
public sealed record BroadcastPage([property: Id(0)] ImmutableArray<BroadcastReceipt> Receipts, [property: Id(1)] long? NextBefore);
