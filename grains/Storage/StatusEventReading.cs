using System.Collections.Immutable;

namespace IotPlatform.Storage;

/// <summary>Pages of status events that follow one another.</summary>
/// <param name="Pages">The pages.</param>
/// <param name="IsGapBefore">Pages between the position that was asked for and these have been deleted.</param>
public sealed record StatusEventReading(ImmutableArray<StatusEventPage> Pages, bool IsGapBefore);
