namespace IotPlatform.Devices;

/// <summary>A message that is not final, and when it is due. Mutable; belongs to one <see cref="Mailbox"/>.</summary>
internal sealed class OpenMessage(DeviceMessage message)
{
    /// <summary>The status that its store was told last, or knows.</summary>
    private MessageStatus _toldStatus = message.Progress.Status;
    private TaskCompletionSource? _storing;
    private bool _writeHasEnded;

    /// <summary>The message as it came here: what never changes of it.</summary>
    public DeviceMessage Accepted => message;

    /// <summary>How far it has come.</summary>
    public MessageProgress Progress { get; private set; } = message.Progress;

    /// <summary>The message as it is by now.</summary>
    public DeviceMessage Message => ReferenceEquals(Progress, message.Progress) ? message : message with { Progress = Progress };

    /// <summary>It is durable.</summary>
    public bool IsStored { get; private set; }

    /// <summary>It goes out while it is being stored.</summary>
    public bool GoesOutEarly { get; init; }

    /// <summary>It may go out.</summary>
    public bool MayGoOut => IsStored || GoesOutEarly;

    /// <summary>Completes when it is known whether it is durable. Hardly anybody waits for that.</summary>
    public Task Storing =>
        _writeHasEnded ? Task.CompletedTask : (_storing ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>It may have been sent without a trace: by an activation that was lost before it noted that, or in a call whose answer came to nobody.</summary>
    public bool MayHaveBeenSent { get; set; }

    /// <summary>The device is not subscribed to its topic.</summary>
    public bool AwaitsSubscription { get; set; }

    /// <summary>The connection it was last written to; 0 for none that is still there.</summary>
    public long WrittenOn { get; set; }

    /// <summary>Its next write begins a round: the device came back since its last one.</summary>
    public bool BeginsRound { get; set; }

    public int ResendsLeft { get; set; }

    public DateTimeOffset RoundBeganAt { get; set; }

    /// <summary>When to write it again, begin its next round, or give it up; null: not by time.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Time to live zero: never cached for a device that is away.</summary>
    public bool IsUncached => message.ExpiresAt == message.CreatedAt;

    /// <summary>Its write has ended.</summary>
    /// <param name="isDurable">Whether it is durable.</param>
    public void WasStored(bool isDurable)
    {
        IsStored = isDurable;
        _writeHasEnded = true;
        _storing?.TrySetResult();
    }

    public bool IsInFlightOn(long connectionId) => WrittenOn == connectionId && Progress.Status == MessageStatus.Sent;

    public void Become(MessageProgress progress) => Progress = progress;

    /// <summary>How far it has come since this was asked for last.</summary>
    public MessageChange TakeChange()
    {
        var change = new MessageChange(message.Device, message.MessageId, message.Sequence, message.Name, _toldStatus, Progress);
        _toldStatus = Progress.Status;
        return change;
    }
}
