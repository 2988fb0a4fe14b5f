namespace IotPlatform.StatusEvents;

/// <summary>
/// Has the events of one push taken by its URL, at least once, those of one message in their order. Runs in the turns of its grain, so nothing is locked.
/// </summary>
internal sealed class StatusPusher(StatusPush push, StatusEventPosition begin, StatusPushServices services)
{
    private readonly PushWindow _window = new(begin);
    private readonly PushLane[] _lanes = [.. Enumerable.Range(0, services.Options.RequestsMax).Select(static _ => new PushLane())];

    private StatusEventPosition? _gapBehind;

    /// <summary>Events that were read and have not been taken.</summary>
    public int Waiting => _window.Count;

    /// <summary>All events up to here have been taken.</summary>
    public StatusEventPosition TakenTo => _window.TakenTo;

    /// <summary>What went wrong last; null since something has been taken again.</summary>
    public string? LastFailure { get; private set; }

    public DateTimeOffset? LastFailedAt { get; private set; }

    public StatusPush Push => push;

    private StatusPushOptions Options => services.Options;

    /// <summary>Pushes until it is cancelled, or the URL has not taken an event for too long.</summary>
    /// <param name="progressed">Called when more has been taken.</param>
    /// <param name="cancellationToken">Ends it; what is under way is broken off.</param>
    public async Task RunAsync(Func<Task> progressed, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            for (var saved = TakenTo; !IsToBeParked();)
            {
                await ReadAsync(ending.Token);
                if (TakenTo != saved)
                {
                    saved = TakenTo;
                    await progressed();
                }

                await Task.Delay(Options.PollInterval, services.Time, cancellationToken);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(_lanes.Select(static lane => lane.Running));
            services.Instruments.Waiting(-Waiting);
        }
    }

    private bool IsToBeParked()
    {
        var giveUpAt = services.Time.GetUtcNow() - Options.ParkAfter;
        return Array.Exists(_lanes, lane => lane.FailingSince <= giveUpAt);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (Waiting < Options.WaitingMax)
        {
            var batch = await services.Reader.ReadAsync(_window.ReadTo, push.Filter);
            if (batch.IsGapBefore && _gapBehind != _window.ReadTo)
            {
                // Until there is something behind it, it is found again and again.
                _gapBehind = _window.ReadTo;
                services.FoundGap(push, _window.ReadTo);
            }

            var before = Waiting;
            foreach (var pushed in _window.Add(batch))
            {
                PutInLane(pushed, cancellationToken);
            }

            services.Instruments.Waiting(Waiting - before);
            if (batch.IsAtEnd)
            {
                return;
            }
        }
    }

    private void PutInLane(PushedEvent pushed, CancellationToken cancellationToken)
    {
        var hash = (uint)HashCode.Combine(pushed.Event.Device, pushed.Event.MessageId);
        var lane = _lanes[hash % (uint)_lanes.Length];
        lane.Waiting.Enqueue(pushed);
        if (lane.Running.IsCompleted)
        {
            lane.Running = RunLaneAsync(lane, cancellationToken);
        }
    }

    // Ends without an exception, whatever happens.
    private async Task RunLaneAsync(PushLane lane, CancellationToken cancellationToken)
    {
        try
        {
            // What is put in meanwhile must find it running, and not on its own stack.
            await Task.Yield();
            while (lane.Waiting.TryPeek(out var pushed))
            {
                if (await services.Client.PostAsync(push, pushed.Event, cancellationToken) is not { } failure)
                {
                    Taken(lane, pushed);
                    continue;
                }

                Failed(lane, failure);
                await Task.Delay(DelayAfter(lane.Failures), services.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The next run begins with what has not been taken.
        }
    }

    private void Taken(PushLane lane, PushedEvent pushed)
    {
        var before = Waiting;
        lane.Taken();
        _window.Taken(pushed);
        services.Instruments.Waiting(Waiting - before);
        services.Instruments.Taken();
        (LastFailure, LastFailedAt) = (null, null);
    }

    private void Failed(PushLane lane, string failure)
    {
        lane.Failed(services.Time.GetUtcNow());
        services.Instruments.Failed();
        (LastFailure, LastFailedAt) = (failure, services.Time.GetUtcNow());
    }

    // Not all at once, where a URL comes back that many wait for.
    private TimeSpan DelayAfter(int failures)
    {
        var full = Math.Min(Options.RetryMax.TotalMilliseconds, Options.RetryMin.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
