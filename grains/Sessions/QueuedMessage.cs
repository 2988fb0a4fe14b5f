using IotPlatform.Mqtt;

namespace IotPlatform.Sessions;

/// <summary>A message in a session's queue, from the moment it is for the session until its client is done with it.</summary>
/// <param name="sequence">Its place in the session.</param>
/// <param name="head">What is known of it while the message itself is not in memory.</param>
internal sealed class QueuedMessage(long sequence, in QueuedHead head)
{
    private readonly QueuedHead _head = head;

    public long Sequence => sequence;

    /// <summary>1 or 2: as it is sent.</summary>
    public QoS QoS => (QoS)_head.QoS;

    /// <summary>What it counts for in the session's bound.</summary>
    public int Bytes => _head.Bytes;

    public long PublishId => _head.PublishId;

    public DateTimeOffset? ExpiresAt => _head.ExpiresAt;

    /// <summary>The client has it, by QoS 2, and waits for its release.</summary>
    public bool IsReleased { get; set; } = head.IsReleased;

    /// <summary>It was sent on an earlier connection.</summary>
    public bool WasSent { get; set; }

    /// <summary>The DUP flag it is sent with [MQTT-3.3.1-1].</summary>
    public bool IsDuplicate => WasSent || _head.MayHaveBeenSent;

    /// <summary>The message and how it is sent. Null while that is only in the store.</summary>
    public StoredCopy? Copy { get; set; }

    /// <summary>It is durable, or is not going to be.</summary>
    public Task Stored { get; set; } = Task.CompletedTask;

    /// <summary>Its time is up. What has once been sent is carried through (section 3.3.2.3.3).</summary>
    public bool IsExpired(DateTimeOffset now) => !WasSent && !IsReleased && ExpiresAt <= now;
}
