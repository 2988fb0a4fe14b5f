using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Delivery;

/// <content>Requests to devices that somebody waits for.</content>
internal sealed partial class GatewayShard
{
    private readonly InvocationBound _invocations;

    public async Task<Reply<InvocationResult>> InvokeAsync(InvokeRequest request, CancellationToken cancellationToken)
    {
        // One that is not open yet is not online yet: nobody would tell the caller when it is.
        if (!_connections.TryGetValue(request.ConnectionId, out var connection) || !connection.IsOpen || !connection.IsFromItsGrain(request.Generation))
        {
            return new InvocationResult(request.RequestId, InvocationOutcome.Offline, default, TimeSpan.Zero);
        }

        if (!_invocations.TryEnter())
        {
            return Refusal.ResourceExhausted($"{_invocations.Max} calls wait for devices at the gateway of {connection.Session!.Device}.");
        }

        try
        {
            return await connection.InvokeAsync(request.RequestId, request.Request, _invocations.PerDeviceMax, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _invocations.Leave();
        }
    }
}
