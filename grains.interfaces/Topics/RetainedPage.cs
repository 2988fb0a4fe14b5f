using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>A part of what is retained for topic filters.</summary>
/// <param name="Matches">The messages. One that several of the filters match is there for each of them, as their subscriptions each want it.</param>
/// <param name="NextFilter">The first of the request's filters that is not answered to its end; their number when all are.</param>
/// <param name="After">For that filter, the topic behind which the next page begins; null: at its first.</param>
[GenerateSerializer, Immutable, Alias("iot.retained-page")]
public sealed record RetainedPage(
    [property: Id(0)] ImmutableArray<RetainedMatch> Matches, [property: Id(1)] int NextFilter, [property: Id(2)] string? After)
{
    /// <summary>Bytes of topics, payloads and properties in one page, unless a single message is larger: what a message between processes carries well.</summary>
    public const int BytesMax = 1024 * 1024;
}
