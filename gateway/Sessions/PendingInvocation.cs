using System.Text;
using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>A request to a device, and whoever waits for its end. Whichever comes first ends it: the answer, its time, the end of the connection, its caller.</summary>
internal sealed class PendingInvocation(string requestId)
{
    // Asynchronous: the answer's thread goes on receiving.
    private readonly TaskCompletionSource<(InvocationOutcome Outcome, byte[] Payload)> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsNamed(ReadOnlySpan<byte> id) => Ascii.Equals(id, requestId);

    /// <returns>False when it has ended before.</returns>
    public bool TryEnd(InvocationOutcome outcome, byte[] payload) => _end.TrySetResult((outcome, payload));

    /// <exception cref="OperationCanceledException">Its caller has gone.</exception>
    public async Task<(InvocationOutcome Outcome, byte[] Payload)> WhenEndedAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var timer = time.CreateTimer(static self => ((PendingInvocation)self!).TryEnd(InvocationOutcome.Timeout, []), this, timeout, Timeout.InfiniteTimeSpan);
        await using var cancellation = cancellationToken.UnsafeRegister(static (self, token) => ((PendingInvocation)self!)._end.TrySetCanceled(token), this);
        return await _end.Task.ConfigureAwait(false);
    }
}
