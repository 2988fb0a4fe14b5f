using System.Diagnostics.CodeAnalysis;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>How long a call lives: until its caller is gone, or until the <c>grpc-timeout</c> it sent has passed.</summary>
internal sealed class CallLifetime : IDisposable
{
    // What a timer can hold (49.7 days); a later deadline is told to the handler and never fires.
    private static readonly TimeSpan TimerMax = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource? _ending;
    private readonly CancellationTokenRegistration _abortedRegistration;

    private CallLifetime(TimeSpan? timeout, TimeProvider time, CancellationToken aborted)
    {
        _aborted = aborted;
        if (timeout is not { } remaining)
        {
            return;
        }

        var now = time.GetUtcNow();
        Deadline = DateTimeOffset.MaxValue - now < remaining ? DateTimeOffset.MaxValue : now + remaining;
        if (remaining <= TimerMax)
        {
            _ending = new CancellationTokenSource(remaining, time);
            _abortedRegistration = aborted.UnsafeRegister(static ending => ((CancellationTokenSource)ending!).Cancel(), _ending);
        }
    }

    /// <summary>Fires at the end of the call's life.</summary>
    public CancellationToken Token => _ending?.Token ?? _aborted;

    /// <summary>When the caller stops waiting.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>The caller is gone: there is nobody to answer.</summary>
    public bool IsAborted => _aborted.IsCancellationRequested;

    /// <summary>The call's life ended with its deadline.</summary>
    public bool IsPastDeadline => _ending is { IsCancellationRequested: true } && !IsAborted;

    /// <summary>Starts a call's life now; false when its <c>grpc-timeout</c> is malformed.</summary>
    public static bool TryStart(HttpContext http, TimeProvider time, [NotNullWhen(true)] out CallLifetime? lifetime)
    {
        TimeSpan? timeout = null;
        if (http.Request.Headers.TryGetValue(GrpcHeaders.Timeout, out var header))
        {
            if (!GrpcTimeout.TryParse(header.ToString(), out var value))
            {
                lifetime = null;
                return false;
            }

            timeout = value;
        }

        lifetime = new CallLifetime(timeout, time, http.RequestAborted);
        return true;
    }

    /// <summary>Waits for <paramref name="work"/> within the call's life; false when it goes on beyond it. Never throws.</summary>
    public async ValueTask<bool> ContainsAsync(Task work)
    {
        var ended = _ending is null ? work : work.WaitAsync(Token);
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return work.IsCompleted;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _abortedRegistration.Dispose();
        _ending?.Dispose();
    }
}
