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

    // Completes when every end so far is stored: ends are never held back.
    private Task _ended = Task.CompletedTask;
    private Dictionary<string, MessageChange>? _unstored;
    private bool _deliverAgain;
    private IGrainTimer? _timer;

    // Who came while the grain reads what it needs to take a message; null while it does not.
    private Queue<(SendDeviceMessage Message, TaskCompletionSource<Task<Reply<DeviceMessage>>> Reply)>? _waiting;

    public Task<Reply<DeviceMessage>> SendAsync(SendDeviceMessage message)
    {
        if (_waiting is not null)
        {
            return WaitInLineAsync(message);
        }

        var preparing = PrepareAsync();
        if (preparing.IsCompletedSuccessfully)
        {
            return preparing.Result is { } refusal ? Task.FromResult<Reply<DeviceMessage>>(refusal) : TakeAsync(message);
        }

        _waiting = [];
        var reply = WaitInLineAsync(message);
        _ = TakeWaitingAsync(preparing);
        return reply;
    }

    private async Task<Reply<DeviceMessage>> TakeAsync(SendDeviceMessage message)
    {
        var accepted = Accepted(message);
        while (_mailbox!.Find(accepted.MessageId) is { } earlier)
        {
            await earlier.Stored.Task;
            if (earlier.IsStored)
            {
                return Repeated(accepted, await TrueForGoodAsync(earlier));
            }

            // The first of them could not be stored: this one promises for itself, with a place behind those that came meanwhile.
            accepted = Accepted(message);
        }

        if (!_mailbox.HasRoomFor(accepted))
        {
            // A repeated call is answered even then.
            if (message.MessageId is not null && await FindStoredAsync(message.MessageId) is { } stored)
            {
                return await RepeatedAsync(accepted, stored);
            }

            return Refusal.ResourceExhausted($"{_mailbox.Count} messages with {_mailbox.Bytes} bytes are waiting for {Id}.");
        }

        // An id that has just been made is nobody else's, and nothing was promised about it yet: it need not wait for the disk, as what a caller may be repeating has to.
        // While the store is away its callers would repeat what the device has got already.
        return await StoreAndDeliverAsync(accepted, goesOutEarly: message.MessageId is null && !services.Messages.IsAway);
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
        var stored = late is null ? _ended : Task.WhenAll([_ended, .. late]);
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

        await _ended;
        return await services.Messages.FindAsync(Id, messageId) is { } message
            ? message
            : NotFound(messageId);
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
            return await CancelAsync(open);
        }

        return await FindStoredAsync(messageId) is not { } stored ? NotFound(messageId)
            : stored.Progress.IsFinal ? Refusal.FailedPrecondition($"Message {messageId} of {Id} has ended.")

            // An earlier call has stored it without learning of it, or has just learnt of it.
            : await CancelAsync(_mailbox.Find(messageId) is { IsStored: true } known ? known : new OpenMessage(stored));
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
        if (_mailbox.Changes.Count == 0)
        {
            await ExpireForgottenAsync();
        }

        StoreChanges();
        await _ended;
    }

    // Somebody has seen one in the store that has expired: an earlier call has stored it without learning of it, and its caller has not repeated it.
    private async Task ExpireForgottenAsync()
    {
        await _ended;
        var ended = _ended;
        foreach (var stored in await services.Messages.LoadOpenAsync(Id))
        {
            if (ended == _ended && IsForgotten(stored))
            {
                _mailbox!.ExpireForgotten(stored, Now);
            }
        }
    }

    private async Task<DeviceMessage> CancelAsync(OpenMessage open)
    {
        _mailbox!.Cancel(open, Now);
        await EndedAsync();
        return open.Message;
    }

    // Those behind them need wait no longer. What is answered is true for good: only when it is stored.
    private async Task EndedAsync()
    {
        StoreChanges();
        var stored = _ended;
        await DeliverAsync();
        await stored;
    }

    private Task<Reply<DeviceMessage>> WaitInLineAsync(SendDeviceMessage message)
    {
        var reply = new TaskCompletionSource<Task<Reply<DeviceMessage>>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting!.Enqueue((message, reply));
        return reply.Task.Unwrap();
    }

    // In one turn, so that messages get their places in the order in which they came: reads side by side, and those who wait for them, go on in any order.
    private async Task TakeWaitingAsync(Task<Refusal?> preparing)
    {
        while (_waiting!.Count > 0)
        {
            // The device may have been registered, or the store have come back, for those who come while this read is under way.
            var count = _waiting.Count;
            await ((Task)preparing).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            var isPrepared = preparing is { IsCompletedSuccessfully: true, Result: null };
            for (count = isPrepared ? _waiting.Count : count; count > 0; count--)
            {
                var (message, reply) = _waiting.Dequeue();
                reply.SetResult(isPrepared ? TakeAsync(message) : RefusedAsync(preparing));
            }

            preparing = _waiting.Count > 0 ? PrepareAsync() : preparing;
        }

        _waiting = null;
    }

    private static async Task<Reply<DeviceMessage>> RefusedAsync(Task<Refusal?> preparing) => (await preparing)!;

    private async Task<Refusal?> PrepareAsync()
    {
        if (await FindRefusalAsync() is { } refusal)
        {
            return refusal;
        }

        await LoadMailboxAsync();
        return null;
    }

    private async ValueTask<DeviceMessage> TrueForGoodAsync(OpenMessage open)
    {
        if (open.Progress.IsFinal)
        {
            await _ended;
        }

        return open.Message;
    }

    private Refusal NotFound(string messageId) => Refusal.NotFound($"There is no message {messageId} of {Id}.");

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
        return new DeviceMessage(
            Id, messageId, sequence, message.Name, message.Payload,
            message.Topic ?? $"/sys/{Id.ProductKey}/{Id.DeviceName}/message/request/{messageId}",
            NeedsSubscription: message.Topic is not null,
            message.QoS, now, now + message.TimeToLive, MessageProgress.Accepted);
    }

    private Reply<DeviceMessage> Repeated(DeviceMessage wanted, DeviceMessage stored) =>
        stored.IsSameAs(wanted) ? stored : Refusal.AlreadyExists($"Message {stored.MessageId} of {Id} exists with other content.");

    private async Task<Reply<DeviceMessage>> StoreAndDeliverAsync(DeviceMessage accepted, bool goesOutEarly)
    {
        var open = _mailbox!.Accept(accepted, goesOutEarly);
        bool isNew;
        try
        {
            var appending = services.Messages.TryAppendAsync(accepted);
            if (goesOutEarly)
            {
                // What comes of it while it is being stored is stored with it.
                _ = DeliverAsync();
            }

            isNew = await appending;
        }
        catch
        {
            if (goesOutEarly)
            {
                _mailbox.FailUnstored(open, Now);
                StoreChanges();
            }

            await DiscardAsync(open);
            throw;
        }

        if (!isNew)
        {
            await DiscardAsync(open);
            return await RepeatedAsync(accepted, (await FindStoredAsync(accepted.MessageId))!);
        }

        _mailbox.Stored(open);
        _mailbox.MakeRoom(Now);
        StoreChanges();
        await StoredAsync(open);
        return await TrueForGoodAsync(open);
    }

    private async Task<DeviceMessage?> FindStoredAsync(string messageId)
    {
        while (true)
        {
            await _ended;
            var ended = _ended;
            var stored = await services.Messages.FindAsync(Id, messageId);
            if (stored is not { Progress.IsFinal: false } || ended == _ended)
            {
                return stored;
            }

            // Something has ended while the store was asked, perhaps just this.
        }
    }

    private async Task<Reply<DeviceMessage>> RepeatedAsync(DeviceMessage wanted, DeviceMessage stored)
    {
        await AdoptAsync(stored);

        // What is open under its id may be the next repetition, which is not known to be one yet.
        return Repeated(wanted, _mailbox!.Find(stored.MessageId) is { IsStored: true } known ? known.Message : stored);
    }

    // An earlier call may have stored it without learning of it, and given it up.
    private Task AdoptAsync(DeviceMessage stored) => IsForgotten(stored) ? StoredAsync(_mailbox!.Adopt(stored)) : Task.CompletedTask;

    private bool IsForgotten(DeviceMessage stored) =>
        !stored.Progress.IsFinal && _mailbox!.Find(stored.MessageId) is null && _unstored?.ContainsKey(stored.MessageId) != true;

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
            MayHaveBeenSent(due);
            _mailbox!.WriteFailed(Now);
            return false;
        }

        if (connection == _connection && connection.IsOnline)
        {
            return Apply(due, reply.Outcomes);
        }

        // A takeover while the gateway wrote: the new connection gets them all again.
        MayHaveBeenSent(due);
        return false;
    }

    private static void MayHaveBeenSent(List<OpenMessage> due)
    {
        foreach (var open in due)
        {
            open.MayHaveBeenSent = true;
        }
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

    // [MQTT-3.3.1-1] DUP says that it may have been sent before in the session: also where nobody could note that.
    private static Delivery ToDelivery(OpenMessage open, LiveConnection connection) => new(
        open.Accepted.MessageId, open.Accepted.Topic, open.Accepted.Payload, open.Accepted.QoS,
        IsDuplicate: open.Progress.Attempts > 0 || (open.MayHaveBeenSent && connection.GoesOn), open.Accepted.NeedsSubscription);

    private void StoreChanges()
    {
        foreach (var change in _mailbox!.TakeChanges())
        {
            LogChanged(services.Logger, Id, change.MessageId, change.Progress.Status);
            var stored = StoreAsync(change);
            _stored = _stored.IsCompleted ? stored : Task.WhenAll(_stored, stored);
            if (change.Progress.IsFinal)
            {
                _ended = _ended.IsCompleted ? stored : Task.WhenAll(_ended, stored);
            }
        }
    }

    // Never fails. A change that is lost with the process makes the device get the message again, but for an acknowledgement, which its gateway repeats.
    private async Task StoreAsync(MessageChange change)
    {
        var messageId = change.MessageId;
        if (_unstored?.TryGetValue(messageId, out var earlier) == true)
        {
            // An earlier change is being tried again; this one goes with it.
            _unstored[messageId] = change.Over(earlier);
            return;
        }

        while (!await TryStoreAsync(change))
        {
            if (!TryTakeOverRetry(change))
            {
                return;
            }

            await Task.Delay(services.Options.FullRetryInterval, services.Time);
            _unstored!.Remove(messageId, out change!);
        }
    }

    /// <returns>False when another change of the message has failed as well, and is being tried again: whichever is further counts, and goes with that.</returns>
    private bool TryTakeOverRetry(MessageChange change)
    {
        _unstored ??= [];
        if (_unstored.TryAdd(change.MessageId, change))
        {
            return true;
        }

        // They may learn of their failures in any order.
        _unstored[change.MessageId] = change.Over(_unstored[change.MessageId]);
        return false;
    }

    private async Task<bool> TryStoreAsync(MessageChange change)
    {
        try
        {
            await services.Progress.UpdateAsync(change);
            return true;
        }
        catch (StoreUnavailableException)
        {
            // Said once by whoever looks after the store, and counted there: this may be one of very many.
            return false;
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
