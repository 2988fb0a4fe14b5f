namespace IotPlatform.Devices;

/// <summary>Asks for a page of a product's messages, by device, the oldest of each first.</summary>
/// <param name="Status">Only those, or all.</param>
/// <param name="PageSize">At most so many.</param>
/// <param name="After">Only those behind that place; null for the first page.</param>
[GenerateSerializer, Immutable, Alias("iot.list-product-messages")]
public sealed record ListProductMessages(
    [property: Id(0)] MessageStatus? Status, [property: Id(1)] int PageSize, [property: Id(2)] MessagePlace? After);
