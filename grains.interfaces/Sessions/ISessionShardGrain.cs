using IotPlatform.Devices;
using IotPlatform.Topics;
using Orleans.Concurrency;

namespace IotPlatform.Sessions;

/// <summary>
/// The sessions that outlive their connections (MQTT 5.0 section 4.1), of one shard of all devices: what they are subscribed to, and the QoS 1 and 2
/// messages on their way to them. A gateway holds only what is connected. Key: <see cref="SessionShards.KeyOf"/>. What has been answered is durable.
/// At-least-once: a call that failed may have been applied, and every call may be repeated.
/// </summary>
[Alias("iot.session-shard")]
public interface ISessionShardGrain : IGrainWithStringKey
{
    /// <summary>
    /// A device connects: finds its session, or makes or ends one, as the client wishes. Called by the device's grain, which has decided that this connection is
    /// the device's.
    /// </summary>
    [Alias("open")]
    Task<OpenedSession> OpenAsync(OpenSession request);

    /// <summary>The client has its CONNACK: what is unacknowledged may go out again, and what waits behind it.</summary>
    [Alias("resume")]
    Task ResumeAsync(SessionName session);

    /// <summary>A gateway holds these connections: asked for when it sees that the grain has lost its memory.</summary>
    [Alias("link")]
    Task<LinkedSessions> LinkAsync(LinkSessions request);

    /// <summary>
    /// The connection has ended: the session waits for the next one, or ends. Ignored when it has another connection.
    /// </summary>
    [Alias("close")]
    Task CloseAsync(CloseSession request);

    /// <summary>Changes what a session is subscribed to. In effect at every gateway once this has answered.</summary>
    /// <returns>Null, or why not: then nothing has changed.</returns>
    [Alias("change-subscriptions")]
    Task<Refusal?> ChangeSubscriptionsAsync(ChangeSubscriptions request);

    /// <summary>Takes publishes for sessions of this shard. A batch that has been taken before is not taken again: the earlier answer is given.</summary>
    [Alias("publish"), ResponseTimeout("00:00:10")]
    Task<SessionPublishReply> PublishAsync(SessionPublishBatch batch);

    /// <summary>Takes what clients have acknowledged, and what they have sent at QoS 2.</summary>
    [Alias("step"), ResponseTimeout("00:00:10")]
    Task StepAsync(SessionStepBatch batch);

    /// <summary>What the sessions are subscribed to, as <see cref="Gateways.IGatewayPeer.PullInterestsAsync"/> answers it.</summary>
    [Alias("pull-interests"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<InterestChanges> PullInterestsAsync(InterestPull pull);

    /// <summary>One session, or null.</summary>
    [Alias("find")]
    Task<SessionView?> FindAsync(DeviceId device);

    /// <summary>Ends a session, because its device is no more.</summary>
    [Alias("end")]
    Task EndAsync(DeviceId device);
}
