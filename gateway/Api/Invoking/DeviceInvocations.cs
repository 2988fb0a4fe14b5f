using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api.Invoking;

/// <summary><c>InvokeDevice</c>: requests to devices whose answers are waited for.</summary>
internal sealed class DeviceInvocations(IGrainFactory grains, ProductCache products, GatewayInstruments instruments)
{
    public async Task<InvokeDeviceResponse> InvokeAsync(InvokeDeviceRequest request, CallContext context)
    {
        var device = Requests.Device(await products.RequireAsync(request.ProductKey), request.DeviceName);
        var invocation = InvokeRequests.ToInvocation(request);
        var outcome = "failed";
        try
        {
            var reply = await grains.GetGrain<IDeviceGrain>(device.GrainKey).InvokeAsync(invocation, context.CancellationToken);
            outcome = OutcomeOf(reply);
            return reply.OrThrow().ToMessage();
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            outcome = "canceled";
            throw;
        }
        finally
        {
            instruments.Invoked(outcome);
        }
    }

    private static string OutcomeOf(Reply<InvocationResult> reply) => reply.Value?.Outcome switch
    {
        InvocationOutcome.Success => "success",
        InvocationOutcome.Timeout => "timeout",
        InvocationOutcome.Offline => "offline",
        _ => "refused",
    };
}
