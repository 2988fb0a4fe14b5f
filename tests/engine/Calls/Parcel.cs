using System.Collections.Immutable;

namespace IotPlatform.Engine.Tests;

/// <summary>A message with one of each kind of thing that messages carry.</summary>
[GenerateSerializer, Immutable, Alias("engine.parcel")]
public sealed record Parcel(
    [property: Id(0)] string Name,
    [property: Id(1)] long Number,
    [property: Id(2)] DateTimeOffset Time,
    [property: Id(3)] ImmutableArray<byte> Bytes,
    [property: Id(4)] ReadOnlyMemory<byte> Payload,
    [property: Id(5)] Parcel? Inner);
