using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <content>What is said of its device.</content>
internal sealed partial class Session
{
    // Null for most: nothing has been said of a device without tags.
    private DeviceTags? _tags;

    /// <summary>The device's tags, in the order of their keys; never default. Read without a lock, while they may be changing.</summary>
    public ImmutableArray<DeviceTag> Tags => Volatile.Read(ref _tags)?.Tags ?? [];

    /// <summary>Takes what the device's grain says, unless it has said something else since.</summary>
    /// <param name="said">Its words.</param>
    /// <param name="isChange">Whether they are about a change. Where they are not, a device that has no tags, and had none, need not remember since when.</param>
    public void Learn(DeviceTags said, bool isChange)
    {
        var shared = TagSets.Shared.Share(said.Tags);
        said = shared == said.Tags ? said : said with { Tags = shared };
        var known = Volatile.Read(ref _tags);
        while (known is null ? isChange || !shared.IsEmpty : said.IsLaterThan(known))
        {
            var before = Interlocked.CompareExchange(ref _tags, said, known);
            if (before == known)
            {
                return;
            }

            known = before;
        }
    }
}
