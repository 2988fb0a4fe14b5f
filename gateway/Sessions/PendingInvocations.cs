using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>The requests to one connection's device that somebody waits for. Full action: one more is refused.</summary>
internal sealed class PendingInvocations
{
    private readonly Lock _gate = new();

    // Few: a look at each finds one.
    private readonly List<PendingInvocation> _waiting = [];

    /// <returns>False when as many wait as may.</returns>
    public bool TryAdd(PendingInvocation invocation, int max)
    {
        lock (_gate)
        {
            if (_waiting.Count >= max)
            {
                return false;
            }

            _waiting.Add(invocation);
            return true;
        }
    }

    public void Remove(PendingInvocation invocation)
    {
        lock (_gate)
        {
            _waiting.Remove(invocation);
        }
    }

    /// <summary>The device has answered.</summary>
    /// <param name="requestId">The request that it names.</param>
    /// <param name="payload">What it says; its memory is the caller's.</param>
    /// <returns>Whether somebody waited for it.</returns>
    public bool TryAnswer(ReadOnlySpan<byte> requestId, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            foreach (var invocation in _waiting)
            {
                if (invocation.IsNamed(requestId))
                {
                    return invocation.TryEnd(InvocationOutcome.Success, payload.ToArray());
                }
            }
        }

        return false;
    }

    /// <summary>The connection has ended: nobody will answer.</summary>
    public void End()
    {
        lock (_gate)
        {
            foreach (var invocation in _waiting)
            {
                invocation.TryEnd(InvocationOutcome.Offline, []);
            }
        }
    }
}
