using IotPlatform.Gateways;
using IotPlatform.Storage;
using Orleans.Concurrency;

namespace IotPlatform.Devices;

/// <summary>
/// One device. Reentrant, because a send waits for the disk and must hold up neither acknowledgements nor other sends. What may interleave is
/// bounded: every method reads and changes the fields in one turn between two awaits, only one delivery is under way at a time
/// (<see cref="DeliverAsync"/>), and the mailbox keeps the order.
/// </summary>
[Reentrant]
internal sealed partial class DeviceGrain(DeviceServices services) : Grain, IDeviceGrain
{
    private DeviceRegistration? _registration;
    private LiveConnection? _connection;

    // The last connection that ended: an attach of it may still be under way.
    private Attachment _detached;

    private DeviceId Id => DeviceId.FromGrainKey(this.GetPrimaryKeyString());

    private DateTimeOffset Now => services.Time.GetUtcNow();

    public async Task<AttachReply> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        await LoadMailboxAsync();
        var outcome = await JudgeAsync(request.Credential);
        if (outcome == AttachOutcome.Attached && request.Credential.Kind != CredentialKind.Anonymous && _registration is not { IsEnabled: true })
        {
            // Disabled or deleted since it was judged.
            outcome = AttachOutcome.Disabled;
        }

        if (outcome != AttachOutcome.Attached)
        {
            ForgetUnknown();
            return new AttachReply(outcome, HasWaiting: false);
        }

        if (_detached == request.Attachment)
        {
            // Its connection is gone already.
            return new AttachReply(AttachOutcome.Superseded, HasWaiting: false);
        }

        if (_connection is { IsOnline: true } current && IsNewer(current.Attachment, request.Attachment))
        {
            return new AttachReply(AttachOutcome.Superseded, HasWaiting: false);
        }

        TakeOver(request);
        return new AttachReply(AttachOutcome.Attached, HasWaiting: !_connection!.IsReady);
    }

    public Task OpenAsync(Attachment attachment)
    {
        if (!IsCurrent(attachment))
        {
            return Task.CompletedTask;
        }

        _connection!.Opened();
        return DeliverAsync();
    }

    public Task DetachAsync(Attachment attachment)
    {
        _detached = attachment;
        if (IsCurrent(attachment))
        {
            Disconnected();
        }

        return Task.CompletedTask;
    }

    public async Task<Reply<DeviceView>> GetAsync()
    {
        var registration = await RegistrationAsync();
        return registration is not null ? registration.ToView(_connection?.ToView())
            : _connection is not null ? new DeviceView(Id, IsEnabled: true, null, _connection.Since, _connection.ToView())
            : NotFound();
    }

    public async Task<Reply<DeviceView>> SetEnabledAsync(bool isEnabled)
    {
        if (await RegistrationAsync() is not { } registration)
        {
            return NotFound();
        }

        registration = registration with { IsEnabled = isEnabled };
        await UpdateAsync(registration);
        if (!isEnabled)
        {
            await CloseConnectionAsync();
        }

        return registration.ToView(_connection?.ToView());
    }

    public async Task<Reply<DeviceView>> ResetSecretAsync()
    {
        if (await RegistrationAsync() is not { } registration)
        {
            return NotFound();
        }

        var secret = DeviceSecret.Create();
        registration = registration with { Secret = secret };
        await UpdateAsync(registration);
        return registration.ToView(_connection?.ToView()) with { Secret = secret };
    }

    public async Task<Reply<DeviceView>> DeleteAsync()
    {
        if (await RegistrationAsync() is not { } registration)
        {
            return NotFound();
        }

        await LoadMailboxAsync();
        await services.Registry.DeleteDeviceAsync(Id);
        _registration = null;
        await CloseConnectionAsync();
        _mailbox!.FailAll("The device was deleted.", Now);
        StoreChanges();
        await _lastStored;
        DeactivateOnIdle();
        return registration.ToView();
    }

    // Absence is never remembered: the device may be registered at any time, by its product's grain.
    private async Task<DeviceRegistration?> RegistrationAsync() => _registration ??= await services.Registry.FindDeviceAsync(Id);

    private async Task UpdateAsync(DeviceRegistration registration)
    {
        // Before the write, so that a change that comes meanwhile builds on this one.
        _registration = registration;
        try
        {
            await services.Registry.UpdateDeviceAsync(registration);
        }
        catch
        {
            // Read anew: only the store knows which of them counts.
            _registration = null;
            throw;
        }
    }

    // Guessed names must not fill the memory.
    private void ForgetUnknown()
    {
        if (_registration is null && _connection is null)
        {
            DeactivateOnIdle();
        }
    }

    private async Task<AttachOutcome> JudgeAsync(DeviceCredential credential)
    {
        if (credential.Kind == CredentialKind.Anonymous)
        {
            return AttachOutcome.Attached;
        }

        var registration = await RegistrationAsync();
        if (registration is null && credential.Kind == CredentialKind.OpenRegistration)
        {
            registration = await RegisterAsync();
        }

        return registration is null ? AttachOutcome.BadCredential
            : credential.Kind == CredentialKind.Secret && !DeviceSecret.AreEqual(registration.Secret, credential.Secret) ? AttachOutcome.BadCredential
            : registration.IsEnabled ? AttachOutcome.Attached
            : AttachOutcome.Disabled;
    }

    private async Task<DeviceRegistration?> RegisterAsync()
    {
        var registration = new DeviceRegistration(Id, DeviceSecret.Create(), IsEnabled: true, Now);
        await services.Registry.TryAddDevicesAsync([registration]);

        // Read back: somebody else may have registered it in the same moment.
        return await RegistrationAsync();
    }

    private static bool IsNewer(Attachment current, Attachment other) =>
        current.Gateway == other.Gateway && (current.Epoch, current.ConnectionId).CompareTo((other.Epoch, other.ConnectionId)) > 0;

    private void TakeOver(AttachRequest request)
    {
        if (_connection is { IsOnline: true } older && older.Attachment != request.Attachment)
        {
            LogTakenOver(services.Logger, Id, older.Attachment.ConnectionId, request.Attachment.ConnectionId);
            Ignore(older.Observer.CloseAsync(new CloseRequest(older.Attachment.ConnectionId, CloseReason.TakenOver)));
        }

        _connection = new LiveConnection(request, Now) { IsReady = _mailbox!.Count == 0 };
        _mailbox.Connected(request.Attachment.ConnectionId, request.Protocol, request.ReceiveMaximum);

        // Its fields are the only place that knows where the device is.
        DelayDeactivation(Timeout.InfiniteTimeSpan);
    }

    private bool IsCurrent(Attachment attachment) => _connection is { IsOnline: true } current && current.Attachment == attachment;

    private void Disconnected()
    {
        _connection!.End(Now);
        _mailbox!.Disconnected();
        ArmTimer();
        DelayDeactivation(TimeSpan.Zero);
    }

    private async Task CloseConnectionAsync()
    {
        if (_connection is not { IsOnline: true } current)
        {
            return;
        }

        Disconnected();
        try
        {
            await current.Observer.CloseAsync(new CloseRequest(current.Attachment.ConnectionId, CloseReason.NotAuthorized));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // A gateway that can not be reached has no connection to close.
            LogCloseFailed(services.Logger, exception, Id);
        }
    }

    private Refusal NotFound() => Refusal.NotFound($"There is no device {Id}.");

    private async void Ignore(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception)
        {
            LogCloseFailed(services.Logger, exception, Id);
        }
    }
}
