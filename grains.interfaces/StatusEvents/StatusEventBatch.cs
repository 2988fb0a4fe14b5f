using System.Collections.Immutable;

namespace IotPlatform.StatusEvents;

/// <summary>Status events that follow one another, of those that were asked for.</summary>
/// <param name="Events">The events, in their order.</param>
/// <param name="Next">Where to read on.</param>
/// <param name="IsAtEnd">Nothing more was there.</param>
/// <param name="IsGapBefore">Events between the position that was asked for and these are not kept any more.</param>
[GenerateSerializer, Immutable, Alias("iot.status-event-batch")]
public sealed record StatusEventBatch(
    [property: Id(0)] ImmutableArray<StatusEvent> Events,
    [property: Id(1)] StatusEventPosition Next,
    [property: Id(2)] bool IsAtEnd,
    [property: Id(3)] bool IsGapBefore);
