using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Delivery;

/// <summary>Whether devices carry tags. Both lists are in the order of their keys.</summary>
internal static class TagMatch
{
    /// <summary>Whether all tags that are wanted are among these, with the same values.</summary>
    public static bool Contain(ImmutableArray<DeviceTag> tags, ImmutableArray<DeviceTag> wanted)
    {
        if (wanted.IsDefaultOrEmpty)
        {
            return true;
        }

        if (tags.IsDefaultOrEmpty)
        {
            return false;
        }

        var i = 0;
        foreach (var tag in wanted)
        {
            while (i < tags.Length && string.CompareOrdinal(tags[i].Key, tag.Key) < 0)
            {
                i++;
            }

            if (i == tags.Length || tags[i].Key != tag.Key || tags[i].Value != tag.Value)
            {
                return false;
            }
        }

        return true;
    }
}
