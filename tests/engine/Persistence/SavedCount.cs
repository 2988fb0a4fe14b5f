namespace IotPlatform.Engine.Tests;

[GenerateSerializer, Immutable, Alias("engine.saved-count")]
public sealed record SavedCount
{
    [Id(0)]
    public int Value { get; init; }
}
