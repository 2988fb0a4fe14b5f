using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>A page of a product's messages.</summary>
/// <param name="Messages">By device, the oldest of each first.</param>
/// <param name="Next">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.product-message-page")]
public sealed record ProductMessagePage([property: Id(0)] ImmutableArray<DeviceMessage> Messages, [property: Id(1)] MessagePlace? Next);
