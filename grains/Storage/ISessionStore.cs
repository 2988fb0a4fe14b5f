using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Sessions;

namespace IotPlatform.Storage;

/// <summary>Sessions and the messages that wait for them, by shard of their devices. Every write is durable when its task completes.</summary>
public interface ISessionStore
{
    /// <summary>Stores a session, over an earlier one of its device.</summary>
    Task SaveAsync(int shard, SessionRecord session);

    /// <summary>Stores which QoS 2 messages a client has sent and not released.</summary>
    Task SaveReceivedAsync(int shard, DeviceId device, ImmutableArray<ReceivedMessage> received);

    /// <summary>Deletes a session and its messages.</summary>
    Task DeleteAsync(int shard, DeviceId device);

    /// <summary>Stores a message. One that is removed before it has been written is not written at all, and counts as stored.</summary>
    Task AppendAsync(int shard, DeviceId device, long sequence, StoredCopy copy);

    /// <summary>Stores that a client has a QoS 2 message, and waits for its release: the message itself is not needed any more.</summary>
    Task ReleaseAsync(int shard, DeviceId device, long sequence);

    /// <summary>Removes a message.</summary>
    Task RemoveAsync(int shard, DeviceId device, long sequence);

    /// <summary>All sessions of a shard.</summary>
    Task<ImmutableArray<SessionRecord>> LoadAsync(int shard);

    /// <summary>All messages of a shard without what they say, by device and sequence.</summary>
    Task<ImmutableArray<(DeviceId Device, long Sequence, QueuedHead Head)>> LoadHeadsAsync(int shard);

    /// <summary>A session's messages.</summary>
    Task<ImmutableArray<(long Sequence, StoredCopy Copy)>> LoadMessagesAsync(int shard, DeviceId device);
}
