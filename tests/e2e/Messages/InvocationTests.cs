using System.Net;
using System.Text;
using Google.Protobuf;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Mqtt;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Grpc;
using Device = IotPlatform.E2e.Tests.Gateways.Device;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>One request to a device, and its answer, in one call.</summary>
public sealed class InvocationTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, 0)]
    [InlineData(ProtocolVersion.Mqtt311, 1)]
    [InlineData(ProtocolVersion.Mqtt500, 0)]
    [InlineData(ProtocolVersion.Mqtt500, 1)]
    public async Task Invocation_OverRest_IsAnsweredByTheDevice(ProtocolVersion version, int qos)
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(version));
        var call = InvokeAsync(device, new { payload = "read"u8.ToArray(), qos });

        var request = await client.ReceiveAsync("the request");
        Assert.Equal(("read", (QoS)qos), (request.Text, request.QoS));
        await client.PublishAsync(request.Topic.Replace("/request/", "/response/", StringComparison.Ordinal), "42", QoS.AtLeastOnce);

        var answer = (await call).Expect(HttpStatusCode.OK);
        Assert.Equal(("SUCCESS", $"/sys/{device.ProductKey}/{device.Name}/rrpc/request/{answer.Text("requestId")}"), (answer.Text("outcome"), request.Topic));
        Assert.Equal("42", Encoding.UTF8.GetString(Convert.FromBase64String(answer.Text("payload"))));
        Assert.EndsWith("s", answer.Text("duration"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invocation_OverGrpc_IsAnsweredByTheDevice()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        using var grpc = new GrpcClient(new Uri($"http://{gateway.Process.GrpcAuthority}"));
        var message = new InvokeDeviceRequest { ProductKey = device.ProductKey, DeviceName = device.Name, Payload = ByteString.CopyFromUtf8("read"), Timeout = 20 };
        var call = grpc.CallAsync("iot.v1.Messaging/InvokeDevice", message, ("authorization", $"Bearer {GatewayProcess.AdminKey}"));

        var request = await client.ReceiveAsync("the request");
        await client.PublishAsync(request.Topic.Replace("/request/", "/response/", StringComparison.Ordinal), "42");

        var reply = await Deadline.WithinAsync(call, "the answer");
        Assert.Equal(StatusCode.OK, reply.Status);
        var response = InvokeDeviceResponse.Parser.ParseFrom(reply.Frames().Single().Payload);
        Assert.Equal((InvokeDeviceResponse.Types.Outcome.Success, "42"), (response.Outcome, response.Payload.ToStringUtf8()));
    }

    [Fact]
    public async Task Invocation_ThatIsNotAnswered_EndsAsTimeout()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        var answer = (await InvokeAsync(device, new { timeout = 1 })).Expect(HttpStatusCode.OK);
        Assert.Equal("TIMEOUT", answer.Text("outcome"));
        var request = await client.ReceiveAsync("the request");
        Assert.Equal(
            ReasonCode.NoMatchingSubscribers,
            await client.PublishAsync(request.Topic.Replace("/request/", "/response/", StringComparison.Ordinal), "late", QoS.ExactlyOnce));
    }

    [Fact]
    public async Task Invocation_WhoseDeviceGoes_EndsAsOffline()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        var call = InvokeAsync(device, new { timeout = 30 });
        await client.ReceiveAsync("the request");
        client.Abort();
        Assert.Equal("OFFLINE", (await Deadline.WithinAsync(call, "the end of the call")).Expect(HttpStatusCode.OK).Text("outcome"));
        await Api.UntilOnlineAsync(device, online: false);
        Assert.Equal("OFFLINE", (await InvokeAsync(device, new { })).Expect(HttpStatusCode.OK).Text("outcome"));
    }

    [Fact]
    public async Task Invocation_ThatCanNotBe_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        (await InvokeAsync(device, new { timeout = 31 })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        (await InvokeAsync(device with { Name = "nobody" }, new { })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        (await InvokeAsync(device with { ProductKey = "nobody" }, new { })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect(maximumPacketSize: 200));
        (await InvokeAsync(device, new { payload = new byte[200] })).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
        await Api.PostAsync($"{RestApi.PathOf(device)}:disable");
        (await InvokeAsync(device, new { })).Expect(HttpStatusCode.BadRequest, "FAILED_PRECONDITION");
    }

    private Task<Answer> InvokeAsync(Device device, object request) => Api.PostAsync($"{RestApi.PathOf(device)}:invoke", request);
}
