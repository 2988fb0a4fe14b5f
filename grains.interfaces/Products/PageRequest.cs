
namespace IotPlatform.Products;

/// <summary>Asks for a page.</summary>
/// <param name="Size">At most so many.</param>
/// <param name="After">Only what sorts behind that; null for the first page.</param>
[GenerateSerializer, Immutable, Alias("iot.page-request")]
public sealed record PageRequest([property: Id(0)] int Size, [property: Id(1)] string? After);
