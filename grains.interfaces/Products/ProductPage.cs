using System.Collections.Immutable;

namespace IotPlatform.Products;

/// <summary>A page of products.</summary>
/// <param name="Products">In the order of their keys.</param>
/// <param name="Next">Asks for the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("iot.product-page")]
public sealed record ProductPage([property: Id(0)] ImmutableArray<ProductView> Products, [property: Id(1)] string? Next);
