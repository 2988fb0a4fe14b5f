using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>What a gateway is interested in, against what the asking one had.</summary>
/// <param name="Epoch">The answering gateway's epoch.</param>
/// <param name="Version">The version that this leads to.</param>
/// <param name="IsWhole">The filters are all there are, not changes.</param>
/// <param name="Added">Topic filters that sessions are subscribed to now; shared ones with their <c>$share/{name}/</c>.</param>
/// <param name="Removed">Topic filters that no session is subscribed to any more.</param>
[GenerateSerializer, Immutable, Alias("iot.interest-changes")]
public sealed record InterestChanges(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long Version,
    [property: Id(2)] bool IsWhole,
    [property: Id(3)] ImmutableArray<string> Added,
    [property: Id(4)] ImmutableArray<string> Removed);
