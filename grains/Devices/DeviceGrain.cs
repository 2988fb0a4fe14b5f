using System.Collections.Immutable;
using IotPlatform.Clients;
using IotPlatform.Gateways;
using IotPlatform.Sessions;
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
    private KnownDevice? _registration;
    private LiveConnection? _connection;
    private ScramKeys? _scramKeys;

    // Whether a session of it is kept; null: not known. One that has ended by itself is still taken for one.
    private bool? _hasSession;

    // The last connection that ended: an attach of it may still be under way.
    private Attachment _detached;

    private DeviceId Id => DeviceId.FromGrainKey(this.GetPrimaryKeyString());

    // What is answered now is what is read later.
    private DateTimeOffset Now => StoreTime.AsStored(services.Time.GetUtcNow());

    /// <summary>Who keeps its session.</summary>
    private ISessionShardGrain SessionShard => GrainFactory.GetGrain<ISessionShardGrain>(SessionShards.KeyOf(SessionShards.Of(Id)));

    /// <summary>The device's connection, if it has one. One whose gateway is gone has ended without a word.</summary>
    private LiveConnection? Online
    {
        get
        {
            if (_connection is not { IsOnline: true } connection)
            {
                return null;
            }

            if (!services.Gateways.IsVoid(connection.Attachment))
            {
                return connection;
            }

            Lost(connection);
            return null;
        }
    }

    public async Task<AttachReply> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        await LoadMailboxAsync();
        var (outcome, signature) = await JudgeAsync(request.Credential);
        if (outcome == AttachOutcome.Attached)
        {
            outcome = JudgeAgain(request);
        }

        if (outcome != AttachOutcome.Attached)
        {
            ForgetUnknown();
            return AttachReply.Refused(outcome);
        }

        if (request.Order > 0 && Online is { } same && same.Attachment == request.Attachment)
        {
            StayInMemory();
            return Attached(same, request, session: null, signature);
        }

        // Its connection is gone already, or a newer one came first.
        if (_detached == request.Attachment || Online is { } current && IsOlder(request, current))
        {
            return AttachReply.Refused(AttachOutcome.Superseded);
        }

        var connection = TakeOver(request);
        var session = request.Session is { } wish ? await OpenSessionAsync(connection, wish, request) : null;
        connection.GoesOn |= session is { IsPresent: true };

        if (session?.IsSuperseded != true && _connection == connection && connection.IsOnline)
        {
            return Attached(connection, request, session, signature);
        }

        // A newer one may have come meanwhile, or its gateway have given it up. Nobody else would tell the session that this one is none.
        if (session is { IsKept: true, IsSuperseded: false })
        {
            GiveUpSession(connection, request.Session!.Expiry);
        }

        return AttachReply.Refused(AttachOutcome.Superseded);
    }

    public async Task<AttachmentStanding> OpenAsync(Attachment attachment)
    {
        var standing = StandingOf(attachment);
        if (standing == AttachmentStanding.Current)
        {
            _connection!.Opened();
            await DeliverAsync();
        }

        return standing;
    }

    public Task DetachAsync(Attachment attachment)
    {
        _detached = attachment;
        if (_connection is { IsOnline: true } connection && connection.Attachment == attachment)
        {
            // Its gateway has dealt with its will, even where that has just been found gone.
            Disconnected();
        }

        return Task.CompletedTask;
    }

    public Task GiveUpAsync(Attachment attachment, TimeSpan sessionExpiry)
    {
        if (_connection is { } connection && connection.Attachment == attachment)
        {
            GiveUpSession(connection, sessionExpiry);
        }

        return DetachAsync(attachment);
    }

    public Task GatewayLostAsync(GatewayId gateway, long epoch)
    {
        if (_connection is { IsOnline: true } connection && connection.Attachment.Gateway == gateway && connection.Attachment.Epoch == epoch)
        {
            Lost(connection);
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        ForgetWill();
        return Task.CompletedTask;
    }

    public async Task<Reply<DeviceView>> GetAsync()
    {
        var registration = await RegistrationAsync();
        return registration is not null ? registration.ToRegistration(Id).ToView(ConnectionView())
            : _connection is not null ? new DeviceView(Id, IsEnabled: true, null, _connection.Since, ConnectionView())
            : NotFound();
    }

    public async Task<Reply<ClientView>> FindClientAsync()
    {
        if (Online is { } connection && await connection.Observer.FindClientAsync(connection.Attachment.ConnectionId) is { } client)
        {
            return client;
        }

        ForgetUnknown();
        return NotConnected();
    }

    public async Task<Reply<DeviceView>> DisconnectAsync()
    {
        if (Online is null)
        {
            ForgetUnknown();
            return NotConnected();
        }

        await CloseConnectionAsync(CloseReason.AdministrativeAction);
        return await GetAsync();
    }

    public async Task<Reply<DeviceView>> SetEnabledAsync(bool isEnabled)
    {
        if (await RegistrationAsync() is not { } known)
        {
            return NotFound();
        }

        var registration = known.ToRegistration(Id) with { IsEnabled = isEnabled };
        await UpdateAsync(registration);
        if (!isEnabled)
        {
            await CloseConnectionAsync(CloseReason.NotAuthorized);
        }

        return registration.ToView(ConnectionView());
    }

    public async Task<Reply<DeviceView>> SetTagsAsync(ImmutableArray<DeviceTag> tags)
    {
        if (await RegistrationAsync() is not { } known)
        {
            return NotFound();
        }

        var registration = known.ToRegistration(Id) with { Tags = TagSets.Shared.Share(tags) };
        await UpdateAsync(registration);
        await TellTagsAsync();
        return registration.ToView(ConnectionView());
    }

    public async Task<Reply<DeviceView>> ResetSecretAsync()
    {
        if (await RegistrationAsync() is not { } known)
        {
            return NotFound();
        }

        var secret = DeviceSecret.Create();
        var registration = known.ToRegistration(Id) with { Secret = secret };
        await UpdateAsync(registration);
        return registration.ToView(ConnectionView()) with { Secret = secret };
    }

    public async Task<Reply<DeviceView>> DeleteAsync()
    {
        if (await RegistrationAsync() is not { } registration)
        {
            return NotFound();
        }

        await LoadMailboxAsync();
        await services.Registry.DeleteDeviceAsync(Id);
        await SessionShard.EndAsync(Id);
        _registration = null;
        await CloseConnectionAsync(CloseReason.NotAuthorized);
        _mailbox!.FailAll("The device was deleted.", Now);
        StoreChanges();
        await _stored;
        DeactivateOnIdle();
        return registration.ToRegistration(Id).ToView();
    }

    // Absence is never remembered: the device may be registered at any time, by its product's grain.
    private async ValueTask<KnownDevice?> RegistrationAsync() => _registration ??= KnownDevice.Of(await services.Registry.FindDeviceAsync(Id));

    private async Task UpdateAsync(DeviceRegistration registration)
    {
        // Before the write, so that a change that comes meanwhile builds on this one.
        _registration = KnownDevice.Of(registration);
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

    private async Task<(AttachOutcome Outcome, ReadOnlyMemory<byte>? Signature)> JudgeAsync(DeviceCredential credential)
    {
        if (credential.Kind == CredentialKind.Anonymous)
        {
            return (AttachOutcome.Attached, null);
        }

        var registration = await RegistrationAsync();
        if (registration is null && credential.Kind == CredentialKind.OpenRegistration)
        {
            registration = await RegisterAsync();
        }

        ReadOnlyMemory<byte>? signature = null;
        var isProven = credential.Kind switch
        {
            CredentialKind.Secret => registration is not null && DeviceSecret.AreEqual(registration.Secret, credential.Secret),
            CredentialKind.Signature => registration is not null && DeviceSignature.IsOf(registration.Secret, credential.Signature),
            CredentialKind.Scram => IsProven(registration, credential, out signature),
            CredentialKind.OpenRegistration or CredentialKind.Proven => registration is not null,
            _ => false,
        };
        return !isProven ? (AttachOutcome.BadCredential, null)
            : registration!.IsEnabled ? (AttachOutcome.Attached, signature)
            : (AttachOutcome.Disabled, null);
    }

    // Every refusal takes as long as the derivation of keys, so that its time does not tell whether the device is known.
    private bool IsProven(KnownDevice? registration, DeviceCredential credential, out ReadOnlyMemory<byte>? signature)
    {
        signature = null;
        if (credential.Proof is not { } proof)
        {
            return false;
        }

        var before = _scramKeys;
        if (registration is not null)
        {
            var keys = _scramKeys = ScramKeys.Of(registration.Secret, proof, before);
            if (keys.AreProvenBy(proof) && (credential.Secret.Length == 0 || DeviceSecret.AreEqual(registration.Secret, credential.Secret)))
            {
                signature = keys.Sign(proof);
                return true;
            }
        }

        if (registration is null || _scramKeys == before)
        {
            ScramKeys.Waste(proof);
        }

        return false;
    }

    // What may have changed while its credential was judged.
    private AttachOutcome JudgeAgain(AttachRequest request) =>
        request.Credential.Kind != CredentialKind.Anonymous && _registration is not { IsEnabled: true } ? AttachOutcome.Disabled

        // It would be void at once, and its will published.
        : services.Gateways.IsVoid(request.Attachment) ? AttachOutcome.GatewayLapsed
        : AttachOutcome.Attached;

    private async Task<KnownDevice?> RegisterAsync()
    {
        var registration = new DeviceRegistration(Id, DeviceSecret.Create(), IsEnabled: true, Now);
        await services.Registry.TryAddDevicesAsync([registration]);

        // Read back: somebody else may have registered it in the same moment.
        return await RegistrationAsync();
    }

    // One gateway numbers its connections; between gateways, the order in which they were first attached counts. A new connection wins.
    private static bool IsOlder(AttachRequest request, LiveConnection current) =>
        current.Attachment.Gateway == request.Attachment.Gateway && current.Attachment.Epoch == request.Attachment.Epoch
            ? request.Attachment.ConnectionId < current.Attachment.ConnectionId
            : request.Order > 0 ? request.Order < current.Order
            : current.Attachment.Gateway == request.Attachment.Gateway && request.Attachment.Epoch < current.Attachment.Epoch;

    private AttachReply Attached(LiveConnection connection, AttachRequest request, OpenedSession? session, ReadOnlyMemory<byte>? signature)
    {
        // The gateway of a connection that is attached again may have been told tags that it has not any more.
        var tags = request.Order > 0 || _registration is { Tags.IsEmpty: false } ? TagsFor(connection) : null;
        return new(AttachOutcome.Attached, HasWaiting: !connection.IsReady, connection.Order, connection.Generation, session, signature, tags);
    }

    private DeviceTags? TagsFor(LiveConnection connection) =>
        _registration is { } registration && !connection.IsAnonymous ? new DeviceTags(registration.Tags, connection.Generation, services.Ids.Next()) : null;

    // Where there is none, and none is wished for, nobody has to be asked.
    private async Task<OpenedSession> OpenSessionAsync(LiveConnection connection, SessionWish wish, AttachRequest request)
    {
        if (_hasSession == false && wish.Expiry <= TimeSpan.Zero)
        {
            return OpenedSession.NotKept;
        }

        // Until it has answered, a newer connection must not take it for none.
        _hasSession = null;
        OpenedSession opened;
        try
        {
            opened = await SessionShard.OpenAsync(new OpenSession(new SessionName(Id, connection.Order), wish, connection.Attachment, connection.Observer, request.ReceiveMaximum));
        }
        catch
        {
            // It may have been opened all the same.
            GiveUpSession(connection, wish.Expiry);
            throw;
        }

        if (_connection == connection)
        {
            _hasSession = opened.IsKept;
        }

        return opened;
    }

    // A connection that never was leaves no will.
    private void GiveUpSession(LiveConnection connection, TimeSpan expiry) =>
        Ignore(SessionShard.CloseAsync(new CloseSession(new SessionName(Id, connection.Order), expiry, DiscardsWill: true)));

    private LiveConnection TakeOver(AttachRequest request)
    {
        if (_connection is { IsOnline: true } older)
        {
            ForgetWill();
            if (older.Attachment != request.Attachment)
            {
                LogTakenOver(services.Logger, Id, older.Attachment.ConnectionId, request.Attachment.ConnectionId);
                Ignore(older.Observer.CloseAsync(new CloseRequest(older.Attachment.ConnectionId, CloseReason.TakenOver)));
            }
        }

        var isReattached = request.Order > 0;
        var order = isReattached ? request.Order : services.Ids.NextAfter(_connection?.Order ?? 0);
        var generation = services.Ids.NextAfter(request.Generation);
        _connection = new LiveConnection(request, services.Gateways.Find(request.Attachment), order, generation, Now) { IsReady = _mailbox!.Count == 0 };
        _mailbox.Connected(request.Attachment.ConnectionId, request.Protocol, request.ReceiveMaximum, isReattached);
        if (request.Will is not null)
        {
            services.WillWatch.Add(Id, request.Attachment);
            if (services.Gateways.IsVoid(request.Attachment))
            {
                // Found gone in this moment: the devices that are to be told may have been told already.
                Lost(_connection);
            }
        }

        StayInMemory();
        return _connection;
    }

    // Its fields are the only place that knows where the device is. Not for good: nobody tells it when its gateway is gone.
    private void StayInMemory() => DelayDeactivation(IDeviceGrain.AttachmentTime);

    private AttachmentStanding StandingOf(in Attachment attachment) =>
        Online is { } current ? current.Attachment == attachment ? AttachmentStanding.Current : AttachmentStanding.Superseded
        : _detached == attachment ? AttachmentStanding.Superseded
        : AttachmentStanding.Unknown;

    private void Disconnected()
    {
        ForgetWill();
        _connection!.End(Now);
        _mailbox!.Disconnected();
        ArmTimer();
        DelayDeactivation(TimeSpan.Zero);
    }

    // With its gateway: nobody else is left to publish its will.
    private void Lost(LiveConnection connection)
    {
        Disconnected();
        if (connection.Will is { } will)
        {
            services.Wills.Publish(Id, will);
        }
    }

    private void ForgetWill()
    {
        if (_connection is { IsOnline: true, Will: not null } connection)
        {
            services.WillWatch.Remove(Id, connection.Attachment);
        }
    }

    private async Task CloseConnectionAsync(CloseReason reason)
    {
        if (Online is not { } current)
        {
            return;
        }

        Disconnected();
        try
        {
            await current.Observer.CloseAsync(new CloseRequest(current.Attachment.ConnectionId, reason));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // A gateway that can not be reached has no connection to close.
            LogCloseFailed(services.Logger, exception, Id);
        }
    }

    // Those that it has by now: where another call has changed them again meanwhile, older ones must not be said later.
    private async Task TellTagsAsync()
    {
        if (Online is not { } connection || TagsFor(connection) is not { } tags)
        {
            return;
        }

        try
        {
            await connection.Observer.TagsChangedAsync(connection.Attachment.ConnectionId, tags);
        }
        catch (Exception exception)
        {
            // They are stored, and that is what was asked for.
            LogTagsNotTold(services.Logger, exception, Id);
        }
    }

    private DeviceConnection? ConnectionView() => (Online ?? _connection)?.ToView();

    private Refusal NotConnected() => Refusal.NotFound($"Device {Id} is not connected.");

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
