using Orleans.Runtime;

namespace IotPlatform.Embedded;

/// <content>Which requests may run beside which, and those that wait.</content>
internal sealed partial class Activation
{
    /// <summary>Queues a request, or starts it where it may start. False when the activation is gone.</summary>
    public bool TrySend(Work work)
    {
        lock (this)
        {
            switch (_status)
            {
                case ActivationStatus.Gone:
                    return false;
                case ActivationStatus.Created:
                    _status = ActivationStatus.Activating;
                    AddTurnLocked(new Turn(ActivateTurn, this));
                    break;
            }

            // Once it is to be deactivated, what comes goes to the next activation.
            if (_status == ActivationStatus.Valid && _deactivationReason is null && MayStartLocked(work.Admission))
            {
                StartedLocked(work.Admission);
                AddTurnLocked(new Turn(work));
                return true;
            }

            if (_waitingCount < Engine.Options.MaxEnqueuedRequests)
            {
                AddWaitingLocked(work);
                return true;
            }
        }

        Engine.CountRejected();
        work.Reject(new LimitExceededException($"{home.GrainClass.Name}({key}): {_waitingCount} requests are waiting."));
        return true;
    }

    private void Finish(Admission admission, bool isUse)
    {
        lock (this)
        {
            FinishedLocked(admission, isUse);
        }
    }

    private bool MayStartLocked(Admission admission) =>
        _runningCount == 0
        || home.GrainClass.IsReentrant
        || (admission & Admission.AlwaysInterleave) != 0
        || (!_isWriterRunning && (_readersCount == 0 || (admission & Admission.ReadOnly) != 0));

    // Requests that always interleave block nobody, so they count as running only.
    private void StartedLocked(Admission admission)
    {
        _runningCount++;
        if (admission == Admission.ReadOnly)
        {
            _readersCount++;
        }
        else if (admission == Admission.Exclusive)
        {
            _isWriterRunning = true;
        }
    }

    private void FinishedLocked(Admission admission, bool isUse)
    {
        if (isUse)
        {
            // Idle counts from the end of the last call, however long it took.
            _lastUsed = Engine.CoarseNow;
        }

        _runningCount--;
        if (admission == Admission.ReadOnly)
        {
            _readersCount--;
        }
        else if (admission == Admission.Exclusive)
        {
            _isWriterRunning = false;
        }

        if (_deactivationReason is not null)
        {
            BeginDeactivationLocked();
        }
        else
        {
            StartWaitingLocked();
        }
    }

    /// <summary>Starts every waiting request that may start, first to last; one that may not is overtaken by later ones that may.</summary>
    private void StartWaitingLocked()
    {
        if (_status != ActivationStatus.Valid)
        {
            return;
        }

        Work? previous = null;
        for (var work = _firstWaiting; work is not null;)
        {
            var next = work.Next;
            if (MayStartLocked(work.Admission))
            {
                RemoveWaitingLocked(work, previous);
                StartedLocked(work.Admission);
                AddTurnLocked(new Turn(work));
            }
            else
            {
                previous = work;
            }

            work = next;
        }
    }

    private void AddWaitingLocked(Work work)
    {
        if (_lastWaiting is null)
        {
            _firstWaiting = work;
        }
        else
        {
            _lastWaiting.Next = work;
        }

        _lastWaiting = work;
        _waitingCount++;
    }

    private void RemoveWaitingLocked(Work work, Work? previous)
    {
        if (previous is null)
        {
            _firstWaiting = work.Next;
        }
        else
        {
            previous.Next = work.Next;
        }

        if (_lastWaiting == work)
        {
            _lastWaiting = previous;
        }

        work.Next = null;
        _waitingCount--;
    }
}
