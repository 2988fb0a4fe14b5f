using Orleans;
using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <summary>
/// An observer object as grains see it: its calls run one at a time on the thread pool, except those that may always interleave.
/// Bounded by <see cref="EmbeddedEngineOptions.MaxEnqueuedRequests"/>; past that callers are refused.
/// </summary>
internal sealed class ObserverTarget(EmbeddedEngine engine, IGrainObserver observer) : IThreadPoolWorkItem
{
    private readonly WeakReference<IGrainObserver> _observer = new(observer);
    private readonly Lock _gate = new();
    private readonly Queue<Work> _waiting = new();
    private bool _isBusy;
    private bool _isDeleted;

    /// <summary>The object itself, while it lives.</summary>
    public IGrainObserver? Observer => _observer.TryGetTarget(out var target) ? target : null;

    public Task Call<TBody>(MethodContract method, TBody body, CalleeToken? token)
        where TBody : struct, ICallBody
    {
        var pending = engine.NewPendingCall(method, token);
        var call = new QueuedCall<TBody>(pending, body);
        if (method.Admission == Admission.AlwaysInterleave)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Self.Start(state.Call), (Self: this, Call: (Work)call), preferLocal: false);
            return pending.Task;
        }

        lock (_gate)
        {
            if (_waiting.Count >= engine.Options.MaxEnqueuedRequests)
            {
                engine.CountRejected();
                call.Reject(new LimitExceededException($"{method.Name}: {_waiting.Count} calls are waiting for this observer."));
                return pending.Task;
            }

            _waiting.Enqueue(call);
            if (_isBusy)
            {
                return pending.Task;
            }

            _isBusy = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return pending.Task;
    }

    public void Delete()
    {
        lock (_gate)
        {
            _isDeleted = true;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (Next() is { } call)
        {
            var task = Start(call);
            if (!task.IsCompleted)
            {
                task.ContinueWith(
                    static (_, self) => ThreadPool.UnsafeQueueUserWorkItem((ObserverTarget)self!, preferLocal: false),
                    this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                return;
            }
        }
    }

    private Work? Next()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var call))
            {
                return call;
            }

            _isBusy = false;
            return null;
        }
    }

    private Task Start(Work call)
    {
        if (call.IsAbandoned)
        {
            return Task.CompletedTask;
        }

        if (_isDeleted || Observer is not { } target)
        {
            call.Reject(new ClientNotAvailableException("The observer has been deleted or collected."));
            return Task.CompletedTask;
        }

        var task = call.RunIn(target);
        if (task.IsCompleted)
        {
            call.Finished(task);
        }
        else
        {
            task.ContinueWith(
                static (finished, state) => ((Work)state!).Finished(finished),
                call, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return task;
    }
}
