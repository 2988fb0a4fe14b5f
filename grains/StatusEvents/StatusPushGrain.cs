using IotPlatform.Storage;
using Orleans.Concurrency;

namespace IotPlatform.StatusEvents;

/// <summary>One push. Reentrant: what it waits for, the URL and the store, holds up nobody who asks how it fares.</summary>
[Reentrant]
internal sealed class StatusPushGrain(StatusPushServices services) : Grain, IStatusPushGrain, IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private StoredStatusPush? _stored;
    private StatusPusher? _pusher;
    private Task _running = Task.CompletedTask;

    public override async Task OnActivateAsync(CancellationToken cancellationToken) => _stored = await services.Store.FindAsync(this.GetPrimaryKeyString());

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await _running;
    }

    public void Dispose() => _ending.Dispose();

    public Task RunAsync()
    {
        if (_stored is { ParkedAt: null } && _running.IsCompleted)
        {
            _running = PushAsync(_stored);
        }

        return Task.CompletedTask;
    }

    public Task<Reply<StatusPushView>> GetAsync() => Task.FromResult<Reply<StatusPushView>>(_stored is { } stored ? View(stored) : NotFound());

    public async Task<Reply<StatusPushView>> ResumeAsync()
    {
        if (_stored is not { } stored)
        {
            return NotFound();
        }

        if (stored.ParkedAt is null)
        {
            return Refusal.FailedPrecondition($"Push {stored.Push.Id} is not parked.");
        }

        var resumed = stored with { ParkedAt = null, Failure = null };
        await services.Store.UpdateAsync(resumed);
        if (_stored == stored)
        {
            _stored = resumed;
            await RunAsync();
        }

        return await GetAsync();
    }

    public async Task EndAsync()
    {
        _stored = null;
        await _ending.CancelAsync();
        await _running;
        DeactivateOnIdle();
    }

    private StatusPushView View(StoredStatusPush stored) =>
        new(stored.Push, stored.ParkedAt, _pusher?.Waiting ?? 0, _pusher?.LastFailure ?? stored.Failure, _pusher?.LastFailedAt ?? stored.ParkedAt);

    private Refusal NotFound() => Refusal.NotFound($"There is no push {this.GetPrimaryKeyString()}.");

    // Ends without an exception; whoever looks after the pushes has it run again.
    private async Task PushAsync(StoredStatusPush stored)
    {
        var pusher = _pusher = new StatusPusher(stored.Push, stored.Position, services);
        try
        {
            await pusher.RunAsync(() => SaveAsync(pusher, parkedAt: null), _ending.Token);
            services.Parked(stored.Push, pusher.LastFailure);
            await SaveAsync(pusher, services.Time.GetUtcNow());
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            await SaveLastAsync(pusher);
        }
        catch (Exception exception)
        {
            services.Interrupted(stored.Push, exception);
        }
        finally
        {
            _pusher = null;
        }
    }

    private async Task SaveAsync(StatusPusher pusher, DateTimeOffset? parkedAt)
    {
        // Deleted meanwhile: there is nothing to be saved.
        if (_stored is not { } stored)
        {
            return;
        }

        var saved = stored with { Position = pusher.TakenTo, ParkedAt = parkedAt, Failure = parkedAt is null ? null : pusher.LastFailure };
        await services.Store.UpdateAsync(saved);

        // Not before: what could not be stored as parked goes on.
        if (_stored == stored)
        {
            _stored = saved;
        }
    }

    private async Task SaveLastAsync(StatusPusher pusher)
    {
        try
        {
            await SaveAsync(pusher, parkedAt: null);
        }
        catch (Exception exception)
        {
            // Some events are pushed again by the next activation.
            services.Interrupted(pusher.Push, exception);
        }
    }
}
