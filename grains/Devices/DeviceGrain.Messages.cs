using System.Globalization;
using IotPlatform.Storage;

namespace IotPlatform.Devices;

/// <content>The device's messages.</content>
internal sealed partial class DeviceGrain
{
    private Mailbox? _mailbox;

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
            await earlier.Storing;
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
        var goesOutEarly = message.MessageId is null && !services.Messages.IsAway && _mailbox.HasRoomBesideOthersFor(accepted);
        return await StoreAndDeliverAsync(accepted, goesOutEarly);
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
        while (true)
        {
            if (await FindOpenAsync(messageId) is { } open)
            {
                return await CancelAsync(open);
            }

            var stored = await FindStoredAsync(messageId);
            if (stored is not { Progress.IsFinal: false })
            {
                return stored is null ? NotFound(messageId) : Refusal.FailedPrecondition($"Message {messageId} of {Id} has ended.");
            }

            if (_mailbox!.Find(messageId) is null)
            {
                // An earlier call has stored it without learning of it.
                return await CancelAsync(new OpenMessage(stored));
            }

            // It came while the store was asked.
        }
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
        var endCount = _endCount;
        await _ended;
        foreach (var stored in await services.Messages.LoadOpenAsync(Id))
        {
            if (endCount == _endCount && IsForgotten(stored))
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
        var rules = await services.Rules.OfAsync(DeviceId.ProductKeyIn(this.GetPrimaryKeyString()));
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
        var (id, now) = (Id, Now);
        return new DeviceMessage(
            id, messageId, sequence, message.Name, message.Payload,
            message.Topic ?? $"/sys/{id.ProductKey}/{id.DeviceName}/message/request/{messageId}",
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

    /// <returns>The message once it is durable; null where none is open.</returns>
    private async Task<OpenMessage?> FindOpenAsync(string messageId)
    {
        while (_mailbox!.Find(messageId) is { } open)
        {
            if (open.IsStored)
            {
                return open;
            }

            await open.Storing;
        }

        return null;
    }

    private async Task<DeviceMessage?> FindStoredAsync(string messageId)
    {
        while (true)
        {
            var endCount = _endCount;
            await _ended;
            var stored = await services.Messages.FindAsync(Id, messageId);
            if (stored is not { Progress.IsFinal: false } || endCount == _endCount)
            {
                return stored;
            }

            // Something has ended meanwhile, perhaps just this.
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
        !stored.Progress.IsFinal && _mailbox!.Find(stored.MessageId) is null && _unstored?.ContainsKey(stored.Sequence) != true;

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
}
