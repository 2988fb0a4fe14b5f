using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Topics;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Sessions;

/// <content>The messages of the sessions.</content>
internal sealed partial class SessionShardGrain
{
    private readonly Dictionary<GatewayId, TakenBatch> _taken = [];
    private readonly SessionMatches _matches = new();

    public Task<SessionPublishReply> PublishAsync(SessionPublishBatch batch)
    {
        // A gateway has one batch under way, so that one answer a gateway is enough to tell a batch that is sent again.
        if (_taken.TryGetValue(batch.From, out var taken))
        {
            var order = (batch.Epoch, batch.Number).CompareTo((taken.Epoch, taken.Number));
            if (order <= 0)
            {
                // An older one was given up by its sender, and comes late.
                return order == 0 ? taken.Reply
                    : Task.FromException<SessionPublishReply>(new InvalidOperationException($"A later batch of {batch.From} has come before this one."));
            }
        }

        var reply = TakeAsync(batch);
        _taken[batch.From] = new TakenBatch(batch.Epoch, batch.Number, reply);
        return reply;
    }

    public async Task StepAsync(SessionStepBatch batch)
    {
        var stored = new List<Task>(batch.Steps.Length);
        HashSet<StoredSession>? received = null;
        foreach (var step in batch.Steps)
        {
            if (!_sessions.TryGetValue(step.Device, out var session))
            {
                continue;
            }

            if (Step(session, step) is { } write)
            {
                stored.Add(write);
            }
            else
            {
                (received ??= []).Add(session);
            }
        }

        foreach (var session in received ?? [])
        {
            stored.Add(services.Store.SaveReceivedAsync(_shard, session.Device, [.. session.Received.Values]));
        }

        await Task.WhenAll(stored);
    }

    /// <returns>What is being stored for it; null when it is to be stored what the client has sent.</returns>
    private Task? Step(StoredSession session, SessionStep step)
    {
        switch (step.Kind)
        {
            case SessionStepKind.Acknowledged:
                return Acknowledged(session, step.Number);
            case SessionStepKind.Received:
                if (session.Queue.Find(step.Number) is { } message)
                {
                    message.IsReleased = true;
                }

                return services.Store.ReleaseAsync(_shard, session.Device, step.Number);
            case SessionStepKind.Taken:
                session.Received[(int)step.Number] = new ReceivedMessage((int)step.Number, step.PublishId, IsRouted: false);
                return null;
            case SessionStepKind.Routed:
                if (session.Received.TryGetValue((int)step.Number, out var taken) && taken.PublishId == step.PublishId)
                {
                    session.Received[(int)step.Number] = taken with { IsRouted = true };
                }

                return null;
            default:
                session.Received.Remove((int)step.Number);
                return null;
        }
    }

    private Task Acknowledged(StoredSession session, long sequence)
    {
        if (session.Queue.Remove(sequence) is { } message)
        {
            services.Instruments.Queued(-1, -message.Bytes);
            Push(session);
        }

        // Also where it is not known any more: an earlier attempt may have failed.
        return services.Store.RemoveAsync(_shard, session.Device, sequence);
    }

    private async Task<SessionPublishReply> TakeAsync(SessionPublishBatch batch)
    {
        // In one turn: what comes behind it finds the queues as it leaves them.
        var taken = new Task<SessionPublishOutcome>[batch.Publishes.Length];
        for (var i = 0; i < taken.Length; i++)
        {
            taken[i] = Take(batch.Publishes[i]);
        }

        return new SessionPublishReply([.. await Task.WhenAll(taken)]);
    }

    private Task<SessionPublishOutcome> Take(SessionPublish publish)
    {
        var stored = new List<Task>();
        var outcome = publish.To is { } to ? TakeFor(to, publish.Message, stored) : TakeForAll(publish, stored);
        return WhenStoredAsync(stored, outcome);
    }

    private SessionPublishOutcome TakeFor(SessionCopy copy, SessionMessage message, List<Task> stored) =>
        !_sessions.TryGetValue(copy.Session.Device, out var session) || session.FirstOrder > copy.Session.Order ? SessionPublishOutcome.Unserved
        : TryAppend(session, new StoredCopy(message, copy.QoS, copy.IsRetain, copy.Identifiers, copy.Share), stored) ? SessionPublishOutcome.Done
        : SessionPublishOutcome.Dropped;

    private SessionPublishOutcome TakeForAll(SessionPublish publish, List<Task> stored)
    {
        var message = publish.Message;
        _index.Match(message.Topic.Span, _matches);
        if (!publish.IsSharesOnly)
        {
            foreach (var session in _matches.Sessions)
            {
                if (session.GrantFor(message.Topic.Span, (QoS)message.QoS, session.Device == publish.From) is { QoS: > QoS.AtMostOnce } grant)
                {
                    var isRetain = message.IsRetain && grant.RetainAsPublished;
                    TryAppend(session, new StoredCopy(message, (int)grant.QoS, isRetain, grant.Identifiers, Share: null), stored);
                }
            }
        }

        return TakeForShares(publish, stored) ? SessionPublishOutcome.Done : SessionPublishOutcome.Unserved;
    }

    // Section 4.8.2: each shared subscription gets the message once.
    private bool TakeForShares(SessionPublish publish, List<Task> stored)
    {
        var isServed = true;
        foreach (var share in publish.Shares)
        {
            isServed &= _matches.Shares.Exists(group => group.Filter == share);
        }

        foreach (var group in _matches.Shares)
        {
            var isAsked = publish.Shares.Contains(group.Filter) || publish.ServedElsewhere?.Contains(group.Filter) == false;
            if (isAsked && Pick(group, publish) is { } member)
            {
                var qos = Math.Min((int)member.Value, publish.Message.QoS);
                if (qos > 0)
                {
                    var terms = StoredSession.TermsOf(member.Subscriber.FindSubscription(group.Filter)!);
                    TryAppend(member.Subscriber, new StoredCopy(publish.Message, qos, IsRetain: false, terms.Identifier, group.Filter), stored);
                }
            }
        }

        return isServed;
    }

    private static Subscription<StoredSession, QoS>? Pick(ShareGroup<StoredSession, QoS> group, SessionPublish publish) =>
        publish.IsSticky
            ? Rendezvous.Claimant(
                StableHash.Of(publish.Message.Topic.Span, bits: 32), group.Members, static member => StableHash.Of(member.Subscriber.Device.DeviceName, bits: 32))
            : group.Pick();

    /// <returns>False when there is no room for it.</returns>
    private bool TryAppend(StoredSession session, StoredCopy copy, List<Task> stored)
    {
        var source = copy.Message;
        if (source.PublishId != 0 && session.Queue.Has(source.PublishId))
        {
            // A copy of a QoS 2 message that it has.
            return true;
        }

        var head = new QueuedHead(copy.QoS, source.Bytes, source.PublishId, source.ExpiresAt, IsReleased: false, MayHaveBeenSent: false);
        var message = new QueuedMessage(++session.LastSequence, head) { Copy = copy };
        if (!session.Queue.TryAdd(message, session.Bounds, Now, out var dropped))
        {
            services.Instruments.Dropped("queue_full");
            return false;
        }

        services.Instruments.Queued(1, message.Bytes);
        if (dropped is not null)
        {
            services.Instruments.Dropped("queue_full", dropped.Count);
            Drop(session, dropped);
        }

        message.Stored = StoreAsync(session, message, copy);
        stored.Add(message.Stored);
        Push(session);
        return true;
    }

    private async Task StoreAsync(StoredSession session, QueuedMessage message, StoredCopy copy)
    {
        try
        {
            await services.Store.AppendAsync(_shard, session.Device, message.Sequence, copy);
        }
        catch
        {
            // Its publisher is told, and sends it again.
            if (session.Queue.Remove(message.Sequence) is not null)
            {
                services.Instruments.Queued(-1, -message.Bytes);
            }

            throw;
        }

        if (session.Connection is null)
        {
            session.Queue.Unload(message);
        }
    }

    private void Drop(StoredSession session, List<QueuedMessage> messages)
    {
        foreach (var message in messages)
        {
            services.Instruments.Queued(-1, -message.Bytes);
            Forget(services.Store.RemoveAsync(_shard, session.Device, message.Sequence));
        }
    }

    private async void Forget(Task removal)
    {
        try
        {
            await removal;
        }
        catch (Exception exception)
        {
            // It is there again after the next activation, and dropped again.
            LogNotRemoved(services.Logger, exception, _shard);
        }
    }

    private async Task<SessionPublishOutcome> WhenStoredAsync(List<Task> stored, SessionPublishOutcome outcome)
    {
        try
        {
            foreach (var write in stored)
            {
                await write;
            }

            return outcome;
        }
        catch (Exception exception)
        {
            LogNotStored(services.Logger, exception, _shard);
            return SessionPublishOutcome.Failed;
        }
    }

    [LoggerMessage(3502, LogLevel.Warning, "A message for sessions of shard {Shard} could not be stored; its publisher is told")]
    private static partial void LogNotStored(ILogger logger, Exception exception, int shard);

    [LoggerMessage(3503, LogLevel.Warning, "A message of shard {Shard} that was dropped could not be removed from the store")]
    private static partial void LogNotRemoved(ILogger logger, Exception exception, int shard);

    private sealed record TakenBatch(long Epoch, long Number, Task<SessionPublishReply> Reply);
}
