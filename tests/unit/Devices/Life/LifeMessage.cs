using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>One message, as its callers and its device know it.</summary>
internal sealed class LifeMessage(SendDeviceMessage sent, string name)
{
    /// <summary>Longer than any life that is played.</summary>
    public static readonly TimeSpan LongLife = TimeSpan.FromDays(1);

    private (string MessageId, long Sequence, DateTimeOffset CreatedAt)? _identity;
    private long _seenAt;

    /// <summary>Its caller's id, or where he gave none, a name for it.</summary>
    public string Name => name;

    public SendDeviceMessage Sent => sent;

    /// <summary>Its id, once somebody knows it.</summary>
    public string? MessageId { get; set; } = sent.MessageId;

    /// <summary>A caller was told that it is accepted.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>A caller was told that it may not be stored. It may be there all the same, and go out behind those that came later.</summary>
    public bool IsUncertain { get; set; }

    /// <summary>Writes have failed while it was being sent, perhaps its own. Its caller need not know that yet.</summary>
    public bool MayHaveFailed { get; set; }

    public bool IsCancelled { get; set; }

    public bool IsPurged { get; set; }

    /// <summary>Something else than its copies may have ended it.</summary>
    public bool MayEndUnsent => IsCancelled || IsPurged || sent.TimeToLive < LongLife;

    /// <summary>The device has acknowledged it.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>Somebody was told that it has ended, and nothing of it was on its way then: no copy may follow.</summary>
    public bool IsOver { get; set; }

    /// <summary>Somebody was told that it was sent, and nothing of it was on its way then: whatever follows is marked.</summary>
    public bool WasSent { get; set; }

    /// <summary>The connections that a copy came on.</summary>
    public List<LifeConnection> Copies { get; } = [];

    /// <summary>Its place in the order of acceptance: how many processes there had been, and its sequence. Null until it has been seen on the disk.</summary>
    public (int Process, long Sequence)? Place { get; set; }

    /// <summary>What was last said of it.</summary>
    public MessageProgress Seen { get; private set; } = MessageProgress.Accepted;

    /// <summary>Somebody says how far it has come.</summary>
    /// <param name="message">What he says.</param>
    /// <param name="askedAt">When he was asked: who was asked before the last word came may not know that.</param>
    /// <param name="now">When he answers.</param>
    /// <param name="isClockSteady">Whether the wall clock has never been set back.</param>
    public void Reported(DeviceMessage message, long askedAt, long now, bool isClockSteady)
    {
        var progress = message.Progress with { AcknowledgedLateAt = null };
        MessageId ??= message.MessageId;
        _identity ??= (message.MessageId, message.Sequence, message.CreatedAt);
        Assert.True(_identity == (message.MessageId, message.Sequence, message.CreatedAt), $"{this} was {_identity}, and is another message now: {message}.");
        CheckConsistent(progress, isClockSteady);
        if (Seen.IsFinal)
        {
            Assert.True(AreSame(Seen, progress) || (!progress.IsFinal && askedAt < _seenAt), $"{this} had ended as {Seen}, and is {progress}.");
        }
        else if (progress.IsFinal || askedAt >= _seenAt)
        {
            Assert.True(
                askedAt < _seenAt || (progress.Attempts >= Seen.Attempts && progress.Rounds >= Seen.Rounds), $"{this}: attempts and rounds only grow, from {Seen} to {progress}.");
            Assert.False(Seen.Status == MessageStatus.Sent && progress.Status == MessageStatus.Pending, $"{this} was sent, and is pending again.");
            (Seen, _seenAt) = (progress, now);
            Assert.True(!progress.IsFinal || IsDeserved(message), $"{this}: nothing has happened that it could be {progress} for.");
        }
    }

    /// <summary>The process is gone. What it said was final is so for good; of the rest it may have known more than was stored.</summary>
    public void ProcessLost()
    {
        if (!Seen.IsFinal)
        {
            (Seen, _seenAt, WasSent) = (MessageProgress.Accepted, 0, false);
        }
    }

    public override string ToString() => $"{name} (QoS {sent.QoS}, ttl {sent.TimeToLive}, was {Seen.Status}, {Copies.Count} copies)";

    private static bool AreSame(MessageProgress a, MessageProgress b) =>
        a with { ResentAt = default } == b with { ResentAt = default } && ResendsOf(a).SequenceEqual(ResendsOf(b));

    private static ImmutableArray<DateTimeOffset> ResendsOf(MessageProgress progress) => progress.ResentAt.IsDefault ? [] : progress.ResentAt;

    private void CheckConsistent(MessageProgress progress, bool isClockSteady)
    {
        Assert.True(progress.IsFinal == progress.FinishedAt is not null, $"{this}: {progress}");
        Assert.True(progress.Status is MessageStatus.TimedOut or MessageStatus.Failed == progress.Reason is not null, $"{this}: {progress}");
        Assert.True(progress.Attempts > 0 == progress.SentAt is not null, $"{this}: {progress}");
        Assert.True(Math.Max(0, progress.Attempts - 1) == ResendsOf(progress).Length, $"{this}: {progress}");
        Assert.True(progress.Status != MessageStatus.Sent || sent.QoS > 0, $"{this}: QoS 0 is delivered once it is written.");
        DateTimeOffset?[] times = [progress.SentAt, .. ResendsOf(progress).Select(static at => (DateTimeOffset?)at), progress.FinishedAt];
        var known = times.Where(static at => at is not null).ToList();
        Assert.True(!isClockSteady || known.SequenceEqual(known.Order()), $"{this}: its times are not in order, {string.Join(' ', known)}.");
    }

    private bool IsDeserved(DeviceMessage message)
    {
        var progress = message.Progress;
        return (progress.Status, progress.Reason?.Split(' ', '.', ':')[0]) switch
        {
            (MessageStatus.Delivered, _) => sent.QoS == 0 ? Copies.Count > 0 : IsAcknowledged,
            (MessageStatus.TimedOut, "Its") => sent.TimeToLive == TimeSpan.Zero || progress.FinishedAt >= message.ExpiresAt,
            (MessageStatus.TimedOut, "Every") => progress.Attempts > 0,
            (MessageStatus.Failed, "It") => MayHaveFailed && sent.MessageId is null,
            (MessageStatus.Failed, "Cancelled") => IsCancelled,
            (MessageStatus.Failed, "Purged") => IsPurged,
            (MessageStatus.Failed, "Dropped") => progress.Attempts == 0,
            (MessageStatus.Failed, "Larger") => sent.Payload.Span[0] == LifeConnection.TooLarge,
            (MessageStatus.Failed, "The") => sent.TimeToLive == TimeSpan.Zero && progress.Attempts == 0,
            _ => false,
        };
    }
}
