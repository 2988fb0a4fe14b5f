using System.Collections.Immutable;
using System.Security.Cryptography;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;

namespace IotPlatform.Sessions.Kept;

/// <summary>A session that outlives its connection, as that connection sees it.</summary>
/// <param name="shard">Where it is kept.</param>
/// <param name="name">The session, and the connection's place.</param>
internal sealed class KeptSession(SessionShard shard, SessionName name)
{
    private Action<SessionStep>? _acknowledged;

    public SessionShard Shard => shard;

    public SessionName Name => name;

    /// <summary>What all copies of a QoS 2 message are known by: nothing else is.</summary>
    public static long NewPublishId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes) | 1;
    }

    /// <summary>Adds a message to its queue.</summary>
    /// <returns>What became of it; never fails.</returns>
    public Task<SessionPublishOutcome> AppendAsync(RoutedMessage message, in MessageCopy copy, long publishId = 0)
    {
        var source = new SessionMessage(message.Topic, message.Payload, message.Properties, (int)message.QoS, copy.Retain, publishId, message.Expiry?.At);
        var to = new SessionCopy(name, (int)copy.QoS, copy.Retain, copy.Identifiers, copy.Share);
        return shard.PublishAsync(new SessionPublish(source, From: null, Shares: [], IsSharesOnly: false, ServedElsewhere: null, to, IsSticky: false));
    }

    /// <summary>Its client is done with a message.</summary>
    /// <param name="session">Told when that is kept.</param>
    /// <param name="sequence">The message's place.</param>
    /// <returns>False when there was no room to say so: the client gets the message again when it comes back.</returns>
    public bool TryAcknowledge(Session session, long sequence)
    {
        _acknowledged ??= step => session.AcknowledgementKept(step.Number);
        return shard.TryStep(Step(SessionStepKind.Acknowledged, sequence), _acknowledged);
    }

    /// <summary>Its client has a QoS 2 message; when this is complete, it may be released.</summary>
    public Task ReceivedAsync(long sequence) => StepAsync(SessionStepKind.Received, sequence);

    /// <summary>Its client sends a QoS 2 message; when this is complete, a copy of it is known as one.</summary>
    public Task TakenAsync(ushort packetId, long publishId) => StepAsync(SessionStepKind.Taken, packetId, publishId);

    /// <summary>A QoS 2 message of its client has reached everybody; when this is complete, no later connection sends it on again.</summary>
    public Task RoutedAsync(ushort packetId, long publishId) => StepAsync(SessionStepKind.Routed, packetId, publishId);

    /// <summary>Its client releases a QoS 2 message; when this is complete, the packet id may be used again.</summary>
    public Task ReleasedAsync(ushort packetId) => StepAsync(SessionStepKind.Released, packetId);

    /// <summary>Changes what it is subscribed to; when this is complete, in effect everywhere.</summary>
    /// <returns>Why not: <see cref="ReasonCode.Success"/> where it was changed.</returns>
    public async Task<ReasonCode> ChangeAsync(ImmutableArray<SessionSubscription> added, ImmutableArray<string> removed)
    {
        var refusal = await shard.Grain.ChangeSubscriptionsAsync(new ChangeSubscriptions(name, added, removed)).ConfigureAwait(false);
        return refusal is null ? ReasonCode.Success
            : refusal.Code == RefusalCode.ResourceExhausted ? ReasonCode.QuotaExceeded
            : ReasonCode.UnspecifiedError;
    }

    /// <summary>Its client has CONNACK: what waits may come.</summary>
    public Task ResumeAsync() => shard.Grain.ResumeAsync(name);

    /// <summary>The connection is gone.</summary>
    /// <param name="expiry">How long it waits from now on.</param>
    /// <param name="discardsWill">The client has said goodbye.</param>
    public Task CloseAsync(TimeSpan expiry, bool discardsWill) => shard.Grain.CloseAsync(new CloseSession(name, expiry, discardsWill));

    private SessionStep Step(SessionStepKind kind, long number, long publishId = 0) => new(name.Device, kind, number, publishId);

    private Task StepAsync(SessionStepKind kind, long number, long publishId = 0)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return shard.TryStep(Step(kind, number, publishId), _ => done.SetResult())
            ? done.Task
            : Task.FromException(new InvalidOperationException("Too much waits for the sessions that are kept."));
    }
}
