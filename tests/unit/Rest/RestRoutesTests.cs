using IotPlatform.Api.Rest;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Unit.Tests.Rest;

public sealed class RestRoutesTests
{
    private static readonly GrpcServiceDefinition[] Services =
        [
            AnyService.Define(MessagingReflection.Descriptor.Services[0]),
            AnyService.Define(RegistryReflection.Descriptor.Services[0]),
            AnyService.Define(ClusterReflection.Descriptor.Services[0]),
            AnyService.Define(ClientsReflection.Descriptor.Services[0]),
            AnyService.Define(TracesReflection.Descriptor.Services[0]),
            AnyService.Define(PushesReflection.Descriptor.Services[0]),
        ];

    [Fact]
    public void Routes_OfTheContract_BindToItsMethodsAndFields() =>
        Assert.Equal(RestRoutes.V1.Count, RestRouter.Bind(RestRoutes.V1, Services, new RestOptions()).Count);

    [Fact]
    public void Routes_OfTheContract_NameEveryMethodOnce()
    {
        // REST has no streams.
        var methods = Services.SelectMany(service => service.Methods).Where(method => !method.Descriptor.IsServerStreaming).Select(method => method.FullName);

        Assert.Equal(methods.Order(StringComparer.Ordinal), RestRoutes.V1.Select(route => route.Method).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("POST", "/v1/products/p/broadcasts", "PubBroadcast", 200)]
    [InlineData("GET", "/v1/products/p/broadcasts/1", "GetBroadcast", 200)]
    [InlineData("GET", "/v1/products/p/broadcasts", "ListBroadcasts", 200)]
    [InlineData("POST", "/v1/products/p/broadcasts/1:cancel", "CancelBroadcast", 200)]
    [InlineData("POST", "/v1/products/p/broadcasts/1:retry", "RetryBroadcast", 200)]
    [InlineData("GET", "/v1/products/p/broadcasts/1/unacknowledged", "ListBroadcastUnacknowledged", 200)]
    [InlineData("POST", "/v1/products/p/devices/d/messages", "SendDeviceMessage", 201)]
    [InlineData("POST", "/v1/products/p/messages:batchSend", "BatchSendDeviceMessage", 200)]
    [InlineData("POST", "/v1/products/p/devices/d:invoke", "InvokeDevice", 200)]
    [InlineData("GET", "/v1/products/p/devices/d/messages/m", "GetDeviceMessage", 200)]
    [InlineData("GET", "/v1/products/p/devices/d/messages", "ListDeviceMessages", 200)]
    [InlineData("GET", "/v1/messageEvents", "ListDeviceMessageEvents", 200)]
    [InlineData("POST", "/v1/statusPushes", "CreateStatusPush", 201)]
    [InlineData("GET", "/v1/statusPushes", "ListStatusPushes", 200)]
    [InlineData("GET", "/v1/statusPushes/p", "GetStatusPush", 200)]
    [InlineData("DELETE", "/v1/statusPushes/p", "DeleteStatusPush", 204)]
    [InlineData("POST", "/v1/statusPushes/p:resume", "ResumeStatusPush", 200)]
    [InlineData("POST", "/v1/products", "CreateProduct", 201)]
    [InlineData("GET", "/v1/products", "ListProducts", 200)]
    [InlineData("GET", "/v1/products/p", "GetProduct", 200)]
    [InlineData("DELETE", "/v1/products/p", "DeleteProduct", 204)]
    [InlineData("POST", "/v1/products/p:enable", "EnableProduct", 200)]
    [InlineData("POST", "/v1/products/p:disable", "DisableProduct", 200)]
    [InlineData("POST", "/v1/products/p/devices", "CreateDevice", 201)]
    [InlineData("POST", "/v1/products/p/devices:batchCreate", "BatchCreateDevices", 201)]
    [InlineData("GET", "/v1/products/p/devices", "ListDevices", 200)]
    [InlineData("GET", "/v1/products/p/devices/a:b", "GetDevice", 200)]
    [InlineData("DELETE", "/v1/products/p/devices/a:enable", "DeleteDevice", 204)]
    [InlineData("POST", "/v1/products/p/devices/a:b:enable", "EnableDevice", 200)]
    [InlineData("POST", "/v1/products/p/devices/a:disable", "DisableDevice", 200)]
    [InlineData("POST", "/v1/products/p/devices/a:b:setTags", "SetDeviceTags", 200)]
    [InlineData("POST", "/v1/products/p/devices/a:resetSecret", "ResetDeviceSecret", 200)]
    [InlineData("POST", "/v1/products/p:setTopicPermissions", "SetTopicPermissions", 200)]
    [InlineData("GET", "/v1/products/p/devices/d/client", "GetClient", 200)]
    [InlineData("POST", "/v1/products/p/devices/a:b/client:kick", "KickClient", 200)]
    [InlineData("GET", "/v1/clients", "ListClients", 200)]
    [InlineData("GET", "/v1/clients:slow", "ListSlowClients", 200)]
    [InlineData("POST", "/v1/bans", "CreateBan", 201)]
    [InlineData("DELETE", "/v1/bans/1", "DeleteBan", 204)]
    [InlineData("POST", "/v1/traces", "StartTrace", 201)]
    [InlineData("GET", "/v1/traces/1/events", "ListTraceEvents", 200)]
    [InlineData("DELETE", "/v1/traces/1", "StopTrace", 204)]
    public void Route_OfARequest_IsTheOneInTheContract(string verb, string path, string method, int status)
    {
        var matches = RestRoutes.V1.Where(candidate => candidate.Verb == verb && new PathTemplate(candidate.Template).Matches(path)).ToArray();

        var route = Assert.Single(matches);
        Assert.Equal(method, route.Method.Split('/')[1]);
        Assert.Equal(status, route.SuccessStatus);
    }

    [Theory]
    [InlineData("/v1/products", "iot.v1.Registry/Nothing")]
    [InlineData("/v1/products/{nothing}", "iot.v1.Registry/GetProduct")]
    [InlineData("/v1/products/{deviceNames}", "iot.v1.Registry/BatchCreateDevices")]
    public void Binding_OfARouteThatDoesNotFit_IsRefused(string template, string method) =>
        Assert.Throws<ArgumentException>(() => RestRouter.Bind([RestRoute.Get(template, method, "")], Services, new RestOptions()));
}
