using IotPlatform.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <summary><c>iot.v1.Cluster</c>: what the platform runs on.</summary>
internal sealed class ClusterService(IGrainFactory grains)
{
    public GrpcServiceDefinition Definition() => GrpcServiceDefinition.For(ClusterReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Cluster"))
        .Unary<ListGatewaysRequest, ListGatewaysResponse>("ListGateways", ListGatewaysAsync)
        .Build();

    public async Task<ListGatewaysResponse> ListGatewaysAsync(ListGatewaysRequest request, CallContext context)
    {
        var list = await grains.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey).StatusAsync();
        var response = new ListGatewaysResponse { Version = list.Version };
        response.Gateways.AddRange(list.Gateways.Select(static status => status.ToMessage()));
        return response;
    }
}
