using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <content>Broadcasts: those that are on their way to the connections that are open, and those that go on after that.</content>
internal sealed partial class GatewayShard
{
    private readonly RecentBroadcasts _recent = new();
    private readonly BroadcastTurns _turns;
    private readonly OngoingBroadcasts _ongoing;
    private readonly BroadcastReach _reach;
    private readonly UnknownClaims _unknownClaims;

    public async Task<BroadcastTallies> BroadcastAsync(BroadcastBatch batch)
    {
        if (batch.Messages is [{ IsLate: true } late])
        {
            return new BroadcastTallies([await BroadcastLateAsync(late with { IsLate = false }).ConfigureAwait(false)]);
        }

        var passes = PassesFor(batch.Messages);
        var tallies = ImmutableArray.CreateBuilder<BroadcastTally>(passes.Length);
        for (var i = 0; i < passes.Length; i++)
        {
            var (pass, place) = passes[i];
            var tally = pass is null ? BroadcastTally.OfUnknown : (await pass.Tallies.ConfigureAwait(false))[place];
            if (_ongoing.TryGet(batch.Messages[i].MessageId, out var ongoing))
            {
                tally = (await ProgressAsync(ongoing, notesKept: 0).ConfigureAwait(false)).Tally;
            }

            tallies.Add(tally);
        }

        return new BroadcastTallies(tallies.MoveToImmutable());
    }

    public async Task<BroadcastProgressReply> FollowAsync(BroadcastSteps steps)
    {
        var progress = ImmutableArray.CreateBuilder<BroadcastProgress>(steps.Steps.Length);
        foreach (var step in steps.Steps)
        {
            progress.Add(await FollowAsync(step).ConfigureAwait(false));
        }

        return new BroadcastProgressReply(progress.MoveToImmutable());
    }

    public async Task RetryAsync(RetryRequest request)
    {
        if (_ongoing.Add(request.Message, out _) is not { } broadcast)
        {
            return;
        }

        broadcast.FollowedAt = _time.GetUtcNow();
        var work = new RetryWork(this, broadcast, request.DeviceNames);
        _turns.Add(this, request.Message.ProductKey, work);
        await work.Done.ConfigureAwait(false);
    }

    public Task<DeviceNamePage> ListUnacknowledgedAsync(long messageId, string? after, int size)
    {
        if (!_ongoing.TryGet(messageId, out var broadcast))
        {
            return Task.FromResult(new DeviceNamePage([], HasMore: false));
        }

        using var connections = RentConnections(broadcast.Message.ProductKey);
        var names = new List<string>();
        foreach (var connection in connections.All)
        {
            if (connection.Session is { } session
                && (after is null || string.CompareOrdinal(session.Device.DeviceName, after) > 0)
                && session.IsAwaiting(broadcast.Frame))
            {
                names.Add(session.Device.DeviceName);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return Task.FromResult(new DeviceNamePage([.. names.Take(size)], names.Count > size));
    }

    private async Task<BroadcastProgress> FollowAsync(BroadcastStep step)
    {
        if (!_ongoing.TryGet(step.MessageId, out var broadcast))
        {
            return new BroadcastProgress(step.MessageId, IsKnown: false, default, 0, 0, [], HasMoreNotes: false);
        }

        broadcast.FollowedAt = _time.GetUtcNow();
        if (step.Quota > 0)
        {
            var work = new LineWork(broadcast, step.Quota);
            _turns.Add(this, broadcast.Message.ProductKey, work);
            await work.Done.ConfigureAwait(false);
        }

        if (step.IsOver)
        {
            using var connections = RentConnections(broadcast.Message.ProductKey);
            broadcast.End(connections.All);
        }

        if (step.IsForgotten)
        {
            _ongoing.Forget(step.MessageId);
        }

        return await ProgressAsync(broadcast, step.NotesKept).ConfigureAwait(false);
    }

    // In this order: who is said to have had it is known as such before that is said, to whoever asks because the device has come again; unless it can not be told, when a
    // device may get it twice.
    private async Task<BroadcastProgress> ProgressAsync(OngoingBroadcast broadcast, long notesKept)
    {
        var progress = broadcast.Progress(notesKept);
        await _reach.TellAsync(broadcast).ConfigureAwait(false);
        return progress;
    }

    private async Task<BroadcastTally> BroadcastLateAsync(BroadcastMessage message)
    {
        if (_ongoing.Add(message, out var isNew) is not { } broadcast)
        {
            return BroadcastTally.OfUnknown;
        }

        if (isNew)
        {
            await _unknownClaims.ClaimAsync(broadcast, ConcernedBy(broadcast)).ConfigureAwait(false);
        }

        return (await ProgressAsync(broadcast, notesKept: 0).ConfigureAwait(false)).Tally;
    }

    private List<MqttConnection> ConcernedBy(OngoingBroadcast broadcast)
    {
        using var connections = RentConnections(broadcast.Message.ProductKey);
        var concerned = new List<MqttConnection>();
        foreach (var connection in connections.All)
        {
            if (connection.Session is { } session && broadcast.Frame.Concerns(session))
            {
                concerned.Add(connection);
            }
        }

        return concerned;
    }

    /// <summary>For each broadcast the pass that writes it, or has written it, and its place there; none for one that is not taken.</summary>
    private (BroadcastPass? Pass, int Place)[] PassesFor(ImmutableArray<BroadcastMessage> messages)
    {
        var passes = new (BroadcastPass? Pass, int Place)[messages.Length];
        lock (_recent)
        {
            for (var i = 0; i < messages.Length;)
            {
                // A batch is of one product as a rule, and then goes out to each connection in one piece.
                var first = i;
                while (++i < messages.Length && messages[i].ProductKey == messages[first].ProductKey)
                {
                }

                PassLocked(messages.AsSpan(first, i - first), passes.AsSpan(first, i - first));
            }
        }

        return passes;
    }

    private void PassLocked(ReadOnlySpan<BroadcastMessage> messages, Span<(BroadcastPass? Pass, int Place)> passes)
    {
        var frames = new List<BroadcastFrame>(messages.Length);
        var places = new List<int>(messages.Length);
        for (var i = 0; i < messages.Length; i++)
        {
            if (_recent.TryGet(messages[i].MessageId, out var known))
            {
                passes[i] = known;
            }
            else if (FrameFor(messages[i]) is { } frame)
            {
                frames.Add(frame);
                places.Add(i);
            }
        }

        if (frames.Count == 0)
        {
            return;
        }

        var pass = new BroadcastPass(this, messages[0].ProductKey, [.. frames], _instruments);
        for (var i = 0; i < places.Count; i++)
        {
            passes[places[i]] = (pass, i);
            _recent.Add(messages[places[i]].MessageId, pass, i);
        }

        _turns.Add(this, messages[0].ProductKey, pass);
    }

    /// <returns>Null where too many last.</returns>
    private BroadcastFrame? FrameFor(BroadcastMessage message) =>
        message.IsLasting ? _ongoing.Add(message, out _)?.Frame : new BroadcastFrame(message, _time);
}
