using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>Pages of messages, of which the store was asked for one more than there may be.</summary>
internal static class MessagePages
{
    /// <returns>The page, and whether there may be more: the store also ends a page early whose payloads are large.</returns>
    public static (ImmutableArray<DeviceMessage> Page, bool MayHaveMore) Cut(ImmutableArray<DeviceMessage> found, int size)
    {
        var page = found.Length <= size ? found : found[..size];
        return (page, found.Length > page.Length || found.Sum(static message => (long)message.Payload.Length) >= IMessageStore.PageBytesMax);
    }
}
