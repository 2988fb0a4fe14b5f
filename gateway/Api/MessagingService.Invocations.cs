using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <content>Requests to devices whose answers are waited for.</content>
internal sealed partial class MessagingService
{
    public async Task<InvokeDeviceResponse> InvokeDeviceAsync(InvokeDeviceRequest request, CallContext context)
    {
        var device = Requests.Device(await ExistingProductAsync(request.ProductKey), request.DeviceName);
        var invocation = InvokeRequests.ToInvocation(request);
        var outcome = "failed";
        try
        {
            var reply = await Grain(device).InvokeAsync(invocation, context.CancellationToken);
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
