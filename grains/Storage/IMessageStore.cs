using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>Messages to devices. Every write is durable when its task completes.</summary>
public interface IMessageStore
{
    /// <summary>Payload bytes after which a page ends early: below what one answer of the API carries.</summary>
    const int PageBytesMax = 2 * 1024 * 1024;

    /// <summary>The store does not answer: the last write has not got through.</summary>
    bool IsAway { get; }

    /// <summary>The store is busy: more waits to be written than goes into one commit.</summary>
    bool IsBehind { get; }

    /// <summary>
    /// Stores a new message, and the event of it; false, and nothing stored, when the device has one with that id. Changes of it may be handed in before it is durable: they
    /// are so together with it or after it.
    /// </summary>
    Task<bool> TryAppendAsync(DeviceMessage message);

    /// <summary>Stores how far a message has come, and the events of that. What is final stays as it is.</summary>
    Task UpdateAsync(MessageChange change);

    /// <summary>The same, where the message itself waits to be written and the change costs no write of its own.</summary>
    /// <returns>Completes when it is durable; null where that is not so, and nothing is stored.</returns>
    Task? TryUpdateWithAppend(MessageChange change);

    /// <summary>Stores that a message that had ended as timed out or failed was acknowledged later, the first time that this is heard of.</summary>
    Task AcknowledgeLateAsync(DeviceId device, string messageId, DateTimeOffset at);

    /// <summary>The messages of a device that are not final, in their order. Costs no read for a device that has none.</summary>
    ValueTask<ImmutableArray<DeviceMessage>> LoadOpenAsync(DeviceId device);

    /// <summary>One message, or null.</summary>
    Task<DeviceMessage?> FindAsync(DeviceId device, string messageId);

    /// <summary>A page of a device's messages, newest first; shorter than asked for where their payloads reach <see cref="PageBytesMax"/>.</summary>
    Task<ImmutableArray<DeviceMessage>> ListAsync(DeviceId device, ListDeviceMessages page);

    /// <summary>A page of a product's messages, by device, the oldest of each first; shorter than asked for where their payloads reach <see cref="PageBytesMax"/>.</summary>
    Task<ImmutableArray<DeviceMessage>> ListProductAsync(string productKey, ListProductMessages page);

    /// <summary>Devices with a message that is not final and has expired, at most <paramref name="limit"/>.</summary>
    Task<ImmutableArray<DeviceId>> FindExpiredAsync(DateTimeOffset now, int limit);

    /// <summary>Deletes final messages that finished before <paramref name="before"/>, at most <paramref name="limit"/>.</summary>
    /// <returns>How many.</returns>
    Task<int> DeleteFinishedAsync(DateTimeOffset before, int limit);
}
