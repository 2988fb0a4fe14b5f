using System.Collections.Immutable;

namespace IotPlatform.Topics;

/// <summary>Asks for what is retained for topic filters.</summary>
/// <param name="Filters">Valid topic filters, without share names; those that stand first are answered first.</param>
/// <param name="After">For the first of them, only what comes behind this topic; null: everything.</param>
/// <param name="BytesMax">Bytes of topics, payloads and properties wanted at once, up to <see cref="RetainedPage.BytesMax"/>.</param>
[GenerateSerializer, Immutable, Alias("iot.match-retained")]
public sealed record MatchRetained(
    [property: Id(0)] ImmutableArray<string> Filters,
    [property: Id(1)] string? After = null,
    [property: Id(2)] int BytesMax = RetainedPage.BytesMax)
{
    /// <summary>Asks for what a page has left out; null when that is nothing.</summary>
    public MatchRetained? Next(RetainedPage page) =>
        page.NextFilter < Filters.Length ? new MatchRetained(Filters[page.NextFilter..], page.After, BytesMax) : null;

    /// <summary>Asks for what comes behind one of the answers.</summary>
    public MatchRetained Behind(RetainedMatch match) => new(Filters[match.Filter..], match.Message.Topic, BytesMax);
}
