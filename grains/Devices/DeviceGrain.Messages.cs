using System.Collections.Immutable;
using System.Globalization;
using IotPlatform.Gateways;
using IotPlatform.Storage;

namespace IotPlatform.Devices;

/// <content>The device's messages.</content>
internal sealed partial class DeviceGrain
{
    private Mailbox? _mailbox;
    private Task _delivering = Task.CompletedTask;

    // Completes when every change so far is stored.
    private Task _stored = Task.CompletedTask;
    private Dictionary<string, MessageProgress>? _unstored;
    private bool _deliverAgain;
    private IGrainTimer? _timer;

    public async Task<Reply<DeviceMessage>> SendAsync(SendDeviceMessage message)
    {
        if (await FindRefusalAsync() is { } refusal)
        {
            return refusal;
        }

        await LoadMailboxAsync();
        var accepted = Accepted(message);
        while (_mailbox!.Find(accepted.MessageId) is { } earlier)
        {
            await earlier.Stored.Task;
            if (earlier.IsStored)
            {
                return Repeated(accepted, earlier.Message);
            }

            // The first of them could not be stored: this one promises for itself, with a place behind those that came meanwhile.
            accepted = Accepted(message);
        }

        if (!_mailbox.HasRoomFor(accepted))
        {
            return Refusal.ResourceExhausted($"{_mailbox.Count} messages with {_mailbox.Bytes} bytes are waiting for {Id}.");
        }

        return await StoreAndDeliverAsync(accepted);
    }

    public async Task<AttachmentStanding> SubscribedAsync(Attachment attachment)
    {
        var standing = StandingOf(attachment);
        if (standing == AttachmentStanding.Current)
        {
            _mailbox!.Subscribed();
            await DeliverAsync();
        }

        return standing;
    }

    public async Task<AttachmentStanding> AcknowledgeAsync(AcknowledgeRequest request)
    {
        await LoadMailboxAsync();

        // Whichever connection it came on: the device has the message.
        var now = Now;
        _connection?.Seen(now);
        List<Task>? late = null;
        foreach (var messageId in request.MessageIds)
        {
            if (!_mailbox!.Acknowledged(messageId, now))
            {
                (late ??= []).Add(services.Messages.AcknowledgeLateAsync(Id, messageId, now));
            }
        }

        StoreChanges();
        var stored = late is null ? _stored : Task.WhenAll([_stored, .. late]);
        await DeliverAsync();

        // Only then may the gateway forget it: after a grain that is lost before, the message goes out again.
        await stored;
        return StandingOf(request.Attachment);
    }

    public async Task<Reply<DeviceMessage>> GetMessageAsync(string messageId)
    {
        if (_mailbox?.Find(messageId) is { IsStored: true } open)
        {
            return open.Message;
        }

        await _stored;
        return await services.Messages.FindAsync(Id, messageId) is { } message
            ? message
            : Refusal.NotFound($"There is no message {messageId} of {Id}.");
    }

    public async Task<Reply<DeviceMessagePage>> ListMessagesAsync(ListDeviceMessages request)
    {
        await _stored;
        var found = await services.Messages.ListAsync(Id, request with { PageSize = request.PageSize + 1 });
        var (page, mayHaveMore) = MessagePages.Cut(found, request.PageSize);
        return new DeviceMessagePage(page, mayHaveMore ? page[^1].Sequence : null);
    }

    public async Task<Reply<DeviceMessage>> CancelMessageAsync(string messageId)
    {
        await LoadMailboxAsync();
        if (_mailbox!.Find(messageId) is { IsStored: false } beingStored)
        {
            await beingStored.Stored.Task;
        }

        if (_mailbox.Find(messageId) is { IsStored: true } open)
        {
            _mailbox.Cancel(open, Now);
            await EndedAsync();
            return open.Message;
        }

        var found = await GetMessageAsync(messageId);
        return found.Refusal is not null ? found : Refusal.FailedPrecondition($"Message {messageId} of {Id} has ended.");
    }

    public async Task<Reply<PurgedMessages>> PurgeMessagesAsync()
    {
        if (await RegistrationAsync() is null && _connection is null)
        {
            return NotFound();
        }

        await LoadMailboxAsync();
        var count = _mailbox!.Purge(Now);
        await EndedAsync();
        return new PurgedMessages(count);
    }

    public async Task ExpireMessagesAsync()
    {
        await LoadMailboxAsync();
        _mailbox!.Expire(Now);
        StoreChanges();
        await _stored;
    }

    // Those behind them need wait no longer. What is answered is true for good: only when it is stored.
    private async Task EndedAsync()
    {
        StoreChanges();
        var stored = _stored;
        await DeliverAsync();
        await stored;
    }

    private async Task<Refusal?> FindRefusalAsync()
    {
        var registration = await RegistrationAsync();
        return registration switch
        {
            { IsEnabled: false } => Refusal.FailedPrecondition($"{Id} is disabled."),

            // A device that is not registered can be reached once it has connected.
            null when _connection is null => NotFound(),
            _ => null,
        };
    }

    private async Task LoadMailboxAsync()
    {
        var rules = await services.Rules.OfAsync(Id.ProductKey);
        if (_mailbox is not null)
        {
            _mailbox.Rules = rules;
            return;
        }

        var open = await services.Messages.LoadOpenAsync(Id);

        // Another call may have loaded it meanwhile; the first one counts.
        if (_mailbox is null)
        {
            _mailbox = new Mailbox(rules);
            _mailbox.Restore(open);
        }
    }

    private DeviceMessage Accepted(SendDeviceMessage message)
    {
        // The grain may have come from a silo whose clock is ahead.
        var sequence = services.Ids.NextAfter(_mailbox!.LastSequence);
        var messageId = message.MessageId ?? sequence.ToString(CultureInfo.InvariantCulture);
        var now = Now;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return new DeviceMessage(
            Id, messageId, sequence, message.Name, message.Payload,
            message.Topic ?? $"/sys/{Id.ProductKey}/{Id.DeviceName}/message/request/{messageId}",
            NeedsSubscription: message.Topic is not null,
            message.QoS, now, now + message.TimeToLive, MessageProgress.Accepted);
    }

    private Reply<DeviceMessage> Repeated(DeviceMessage wanted, DeviceMessage stored) =>
        stored.IsSameAs(wanted) ? stored : Refusal.AlreadyExists($"Message {stored.MessageId} of {Id} exists with other content.");

    private async Task<Reply<DeviceMessage>> StoreAndDeliverAsync(DeviceMessage accepted)
    {
        var open = _mailbox!.Accept(accepted);
        bool isNew;
        try
        {
            isNew = await services.Messages.TryAppendAsync(accepted);
        }
        catch
        {
            await DiscardAsync(open);
            throw;
        }

        if (!isNew)
        {
            await DiscardAsync(open);
            await _stored;
            var stored = (await services.Messages.FindAsync(Id, accepted.MessageId))!;
            await AdoptAsync(stored);

            // What is open under its id may be the next repetition, which is not known to be one yet.
            return Repeated(accepted, _mailbox.Find(stored.MessageId) is { IsStored: true } known ? known.Message : stored);
        }

        _mailbox.Stored(open);
        _mailbox.MakeRoom(Now);
        StoreChanges();
        await StoredAsync(open);
        return open.Message;
    }

    // An earlier call may have stored it without learning of it, and given it up.
    private Task AdoptAsync(DeviceMessage stored)
    {
        if (stored.Progress.IsFinal || _mailbox!.Find(stored.MessageId) is not null || _unstored?.ContainsKey(stored.MessageId) == true)
        {
            return Task.CompletedTask;
        }

        return StoredAsync(_mailbox.Adopt(stored));
    }

    private Task StoredAsync(OpenMessage open)
    {
        if (Online is null)
        {
            _mailbox!.FailUncached(open, "The device is offline.", Now);
            StoreChanges();
        }

        return DeliverAsync();
    }

    // Those behind it need wait no longer.
    private Task DiscardAsync(OpenMessage open)
    {
        _mailbox!.Discard(open);
        return DeliverAsync();
    }

    /// <summary>Writes what is due, until nothing is. One run at a time; who comes meanwhile waits for the run that includes his message.</summary>
    private Task DeliverAsync()
    {
        if (!_delivering.IsCompleted)
        {
            _deliverAgain = true;
            return _delivering;
        }

        if (Online is not { IsReady: true } || _mailbox!.Count == 0)
        {
            return Task.CompletedTask;
        }

        return _delivering = DeliverDueAsync();
    }

    private async Task DeliverDueAsync()
    {
        try
        {
            var due = new List<OpenMessage>();
            do
            {
                _deliverAgain = false;
                _mailbox!.TakeDue(Now, due);
                StoreChanges();
                if (due.Count > 0 && Online is { IsReady: true } connection)
                {
                    // Not "|=", which would forget who came while it waited.
                    if (await WriteAsync(connection, due))
                    {
                        _deliverAgain = true;
                    }

                    StoreChanges();
                }
            }
            while (_deliverAgain);
        }
        finally
        {
            ArmTimer();
        }
    }

    /// <returns>Whether the connection takes more.</returns>
    private async Task<bool> WriteAsync(LiveConnection connection, List<OpenMessage> due)
    {
        DeliverReply reply;
        try
        {
            reply = await connection.Observer.DeliverAsync(
                new DeliverRequest(connection.Attachment.ConnectionId, Deliveries(due, connection), connection.Generation));
        }
        catch (Exception exception)
        {
            LogDeliveryFailed(services.Logger, exception, Id);
            _mailbox!.WriteFailed(Now);
            return false;
        }

        // A takeover while the gateway wrote: the new connection gets them all again.
        return connection == _connection && connection.IsOnline && Apply(due, reply.Outcomes);
    }

    private bool Apply(List<OpenMessage> due, ImmutableArray<DeliveryOutcome> outcomes)
    {
        var now = Now;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (_mailbox!.Wrote(due[i], outcomes[i], now))
            {
                continue;
            }

            if (outcomes[i] == DeliveryOutcome.NotOpen)
            {
                // It may have opened while this answer was on its way.
                _connection!.IsReady = _connection.HasOpened;
                return _connection.IsReady;
            }

            if (outcomes[i] == DeliveryOutcome.NotConnected)
            {
                Disconnected();
            }

            return false;
        }

        return true;
    }

    private static ImmutableArray<Delivery> Deliveries(List<OpenMessage> due, LiveConnection connection)
    {
        var deliveries = ImmutableArray.CreateBuilder<Delivery>(due.Count);
        foreach (var open in due)
        {
            deliveries.Add(ToDelivery(open, connection));
        }

        return deliveries.MoveToImmutable();
    }

    // [MQTT-3.3.1-1] DUP says that it may have been sent before: also by an activation that was lost before it could note that.
    private static Delivery ToDelivery(OpenMessage open, LiveConnection connection) => new(
        open.Message.MessageId, open.Message.Topic, open.Message.Payload, open.Message.QoS,
        IsDuplicate: open.Progress.Attempts > 0 || (open.IsRestored && connection.IsReattached), open.Message.NeedsSubscription);

    private void StoreChanges()
    {
        foreach (var message in _mailbox!.TakeChanges())
        {
            LogChanged(services.Logger, Id, message.MessageId, message.Progress.Status);
            var stored = StoreAsync(message);
            _stored = _stored.IsCompleted ? stored : Task.WhenAll(_stored, stored);
        }
    }

    // Never fails. A change that is lost with the process makes the device get the message again, but for an acknowledgement, which its gateway repeats.
    private async Task StoreAsync(DeviceMessage message)
    {
        var (messageId, progress) = (message.MessageId, message.Progress);
        if (_unstored?.ContainsKey(messageId) == true)
        {
            // An earlier change is being tried again; this one takes its place.
            _unstored[messageId] = progress;
            return;
        }

        while (!await TryStoreAsync(messageId, progress))
        {
            if (!TryTakeOverRetry(messageId, progress))
            {
                return;
            }

            await Task.Delay(services.Options.FullRetryInterval, services.Time);
            _unstored!.Remove(messageId, out progress!);
        }
    }

    /// <returns>False when another change of the message has failed as well, and is being tried again: whichever is further counts, and goes with that.</returns>
    private bool TryTakeOverRetry(string messageId, MessageProgress progress)
    {
        _unstored ??= [];
        if (_unstored.TryAdd(messageId, progress))
        {
            return true;
        }

        // They may learn of their failures in any order.
        if (!_unstored[messageId].IsFinal)
        {
            _unstored[messageId] = progress;
        }

        return false;
    }

    private async Task<bool> TryStoreAsync(string messageId, MessageProgress progress)
    {
        try
        {
            await services.Progress.UpdateAsync(Id, messageId, progress);
            return true;
        }
        catch (Exception exception)
        {
            LogStoreFailed(services.Logger, exception, Id);
            return false;
        }
    }

    /// <summary>One timer a device, armed only while something is to be done that no event will bring.</summary>
    private void ArmTimer()
    {
        var now = Now;
        if (_mailbox!.NextDueAt(now) is not { } dueAt)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var dueTime = dueAt > now ? dueAt - now : TimeSpan.Zero;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(DeliverAsync, new GrainTimerCreationOptions
            {
                DueTime = dueTime,
                Period = Timeout.InfiniteTimeSpan,
                Interleave = true,
            });
        }
        else
        {
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }
}
