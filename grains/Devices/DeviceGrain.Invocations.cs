using System.Globalization;
using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <content>Requests to the device that somebody waits for. Its gateway waits and bounds them; nothing is kept of them here.</content>
internal sealed partial class DeviceGrain
{
    /// <summary>What an answer may take on its way back from the gateway, beyond the time that the device has for it.</summary>
    private static readonly TimeSpan InvocationGrace = TimeSpan.FromSeconds(2);

    public async Task<Reply<InvocationResult>> InvokeAsync(InvokeDevice request, CancellationToken cancellationToken)
    {
        if (await FindRefusalAsync() is { } refusal)
        {
            ForgetUnknown();
            return refusal;
        }

        var requestId = services.Ids.Next().ToString(CultureInfo.InvariantCulture);
        return Online is { } connection
            ? await InvokeAsync(connection, requestId, request, cancellationToken)
            : new InvocationResult(requestId, InvocationOutcome.Offline, default, TimeSpan.Zero);
    }

    private async Task<Reply<InvocationResult>> InvokeAsync(LiveConnection connection, string requestId, InvokeDevice request, CancellationToken cancellationToken)
    {
        var began = services.Time.GetTimestamp();
        InvocationOutcome outcome;
        try
        {
            var answer = connection.Observer.InvokeAsync(new InvokeRequest(connection.Attachment.ConnectionId, connection.Generation, requestId, request), cancellationToken);
            return await WaitAsync(answer, connection, request.Timeout + InvocationGrace, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The gateway does not answer: it may be gone, and the connection with it.
            outcome = IsStill(connection) ? InvocationOutcome.Timeout : InvocationOutcome.Offline;
        }
        catch (ClientNotAvailableException)
        {
            // A gateway that is gone has no connection.
            outcome = InvocationOutcome.Offline;
        }

        return new InvocationResult(requestId, outcome, default, services.Time.GetElapsedTime(began));
    }

    /// <summary>Waits no longer than the connection lasts: a gateway that stops may not get its last answers out any more.</summary>
    private async Task<Reply<InvocationResult>> WaitAsync(
        Task<Reply<InvocationResult>> answer, LiveConnection connection, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Each look finds a connection that has ended meanwhile; from then on there is one more wait, for an answer that is on its way already.
        var left = patience;
        for (; left > InvocationGrace && IsStill(connection); left -= InvocationGrace)
        {
            if (await EndsWithinAsync(answer, InvocationGrace, cancellationToken))
            {
                return await answer;
            }
        }

        return await answer.WaitAsync(left < InvocationGrace ? left : InvocationGrace, services.Time, cancellationToken);
    }

    private async Task<bool> EndsWithinAsync(Task answer, TimeSpan time, CancellationToken cancellationToken)
    {
        await ((Task)answer.WaitAsync(time, services.Time, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        cancellationToken.ThrowIfCancellationRequested();
        return answer.IsCompleted;
    }

    private bool IsStill(LiveConnection connection) => Online?.Attachment == connection.Attachment;
}
