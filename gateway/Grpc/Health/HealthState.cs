using ServingStatus = IotPlatform.Protos.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace IotPlatform.Grpc.Health;

/// <summary>
/// What the server says of its health: of the whole (the empty name) and of single services. Starts as NOT_SERVING. Watchers see the newest
/// state and may miss those between, so that nothing queues up for a slow one.
/// </summary>
internal sealed class HealthState
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal) { [""] = ServingStatus.NotServing };
    private TaskCompletionSource _changed = NewSignal();
    private bool _isStopped;

    /// <summary>The whole server takes calls.</summary>
    public bool IsServing => Observe("").Status is ServingStatus.Serving;

    /// <summary>Says whether a service takes calls; the empty name is the whole server. Ignored once stopped.</summary>
    public void Set(string service, bool isServing)
    {
        lock (_lock)
        {
            if (!_isStopped)
            {
                _statuses[service] = isServing ? ServingStatus.Serving : ServingStatus.NotServing;
                SignalChange();
            }
        }
    }

    /// <summary>Turns everything to NOT_SERVING for good and ends the watches; called when the host begins to stop.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            foreach (var service in _statuses.Keys.ToArray())
            {
                _statuses[service] = ServingStatus.NotServing;
            }

            SignalChange();
        }
    }

    /// <summary>The state of a service, null when it is not known, and what completes at the next change of any state.</summary>
    public (ServingStatus? Status, bool IsStopped, Task Changed) Observe(string service)
    {
        lock (_lock)
        {
            return (_statuses.TryGetValue(service, out var status) ? status : null, _isStopped, _changed.Task);
        }
    }

    private void SignalChange()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
