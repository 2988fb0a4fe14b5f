
namespace IotPlatform.Products;

/// <summary>A product to be made.</summary>
[GenerateSerializer, Immutable, Alias("iot.create-product")]
public sealed record CreateProduct([property: Id(0)] string Name, [property: Id(1)] bool IsRegistrationOpen);
