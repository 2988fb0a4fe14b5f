using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace IotPlatform.Devices;

/// <summary>
/// Keeps one copy of the tags that many devices have alike: there may be a million with <c>ring=canary</c>. Of bounded size, and never wrong: of two sets that fall on
/// the same place, the later one is kept, and the earlier one is copied once more when it comes again.
/// </summary>
public sealed class TagSets
{
    // A power of two. Sets are shared among devices, or there would be no use in addressing them: few at a time.
    private const int PlaceCount = 1_024;

    private readonly DeviceTag[]?[] _places = new DeviceTag[]?[PlaceCount];

    /// <summary>Those of this process.</summary>
    public static TagSets Shared { get; } = new();

    /// <summary>The same tags, in memory that others have as well if there are any who do.</summary>
    /// <param name="tags">Tags in the order of their keys, or none.</param>
    /// <returns>Never default.</returns>
    public ImmutableArray<DeviceTag> Share(ImmutableArray<DeviceTag> tags)
    {
        if (tags.IsDefaultOrEmpty)
        {
            return [];
        }

        ref var place = ref _places[HashOf(tags) & (PlaceCount - 1)];
        if (Volatile.Read(ref place) is { } known && tags.AsSpan().SequenceEqual(known))
        {
            return ImmutableCollectionsMarshal.AsImmutableArray(known);
        }

        Volatile.Write(ref place, ImmutableCollectionsMarshal.AsArray(tags));
        return tags;
    }

    private static int HashOf(ImmutableArray<DeviceTag> tags)
    {
        var hash = default(HashCode);
        foreach (var tag in tags)
        {
            hash.Add(tag);
        }

        return hash.ToHashCode();
    }
}
