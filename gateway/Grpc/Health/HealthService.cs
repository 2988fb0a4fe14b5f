using IotPlatform.Protos.Health.V1;
using ServingStatus = IotPlatform.Protos.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace IotPlatform.Grpc.Health;

/// <summary><c>grpc.health.v1.Health</c>. [grpc/doc/health-checking.md]</summary>
internal sealed class HealthService(HealthState state)
{
    /// <summary>The service, bound, and open to callers without a key: probes have none.</summary>
    public static GrpcServiceDefinition Define(HealthState state)
    {
        var service = new HealthService(state);
        return GrpcServiceDefinition.For(HealthReflection.Descriptor.Services[0])
            .Unary<HealthCheckRequest, HealthCheckResponse>("Check", service.CheckAsync)
            .ServerStreaming<HealthCheckRequest, HealthCheckResponse>("Watch", service.WatchAsync)
            .OpenToAll()
            .Build();
    }

    /// <summary>The status now. NOT_FOUND: no such service.</summary>
    public Task<HealthCheckResponse> CheckAsync(HealthCheckRequest request, CallContext context)
    {
        var status = state.Observe(request.Service).Status
            ?? throw new RpcException(StatusCode.NotFound, $"There is no service \"{request.Service}\".");
        return Task.FromResult(new HealthCheckResponse { Status = status });
    }

    /// <summary>The status now and at each change, until the server stops: UNAVAILABLE.</summary>
    public async Task WatchAsync(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responses, CallContext context)
    {
        ServingStatus? told = null;
        while (true)
        {
            var (known, isStopped, changed) = state.Observe(request.Service);
            var status = known ?? ServingStatus.ServiceUnknown;
            if (status != told)
            {
                await responses.WriteAsync(new HealthCheckResponse { Status = status });
                told = status;
            }

            if (isStopped)
            {
                throw new RpcException(StatusCode.Unavailable, "The server is stopping.");
            }

            await changed.WaitAsync(context.CancellationToken);
        }
    }
}
