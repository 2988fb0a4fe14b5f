using System.Net;
using System.Text;
using Google.Protobuf;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>One message for many devices.</summary>
public sealed class MessageBatchTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Batch_OverRest_GivesEachDeviceItsOutcome()
    {
        var devices = await Api.CreateDevicesAsync(3);
        (await Api.PostAsync($"{RestApi.PathOf(devices[1])}:disable")).Expect(HttpStatusCode.OK);
        await Api.SendMessageAsync(devices[2], "other", messageId: "m");
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, devices[0].Connect());
        string[] deviceNames = [.. devices.Select(static device => device.Name), "nobody", "a/b"];

        var answer = (await Api.PostAsync(PathOf(devices[0].ProductKey), new { deviceNames, messageId = "m", payload = Encoding.UTF8.GetBytes("to many") })).Expect(HttpStatusCode.OK);

        var outcomes = answer.Items("outcomes");
        Assert.Equal(deviceNames, outcomes.Select(static outcome => Answer.TextOf(outcome, "deviceName")));
        Assert.Equal("m", Answer.TextOf(outcomes[0], "messageId"));
        Assert.Equal(
            ["FAILED_PRECONDITION", "ALREADY_EXISTS", "NOT_FOUND", "INVALID_ARGUMENT"],
            outcomes.Skip(1).Select(static outcome => Answer.TextOf(outcome.GetProperty("error"), "code")));
        Assert.Equal("to many", (await client.ReceiveAsync("the message")).Text);
        await Api.UntilMessageIsAsync(devices[0], "m", "DELIVERED");
    }

    [Fact]
    public async Task Batch_ForAThousandDevices_OverGrpc_IsDurableForEach()
    {
        var devices = await Api.CreateDevicesAsync(1_000);
        using var grpc = new GrpcClient(new Uri($"http://{gateway.Process.GrpcAuthority}"));
        var request = new BatchSendDeviceMessageRequest { ProductKey = devices[0].ProductKey, Payload = ByteString.CopyFromUtf8("x") };
        request.DeviceNames.AddRange(devices.Select(static device => device.Name));

        var reply = await grpc.CallAsync("iot.v1.Messaging/BatchSendDeviceMessage", request, MessageStream.Key);

        Assert.Equal(StatusCode.OK, reply.Status);
        var outcomes = BatchSendDeviceMessageResponse.Parser.ParseFrom(reply.Frames().Single().Payload).Outcomes;
        Assert.Equal(request.DeviceNames, outcomes.Select(static outcome => outcome.DeviceName));
        Assert.Equal(1_000, outcomes.Select(static outcome => outcome.MessageId).Where(static id => id.Length > 0).Distinct().Count());
        Assert.Equal("PENDING", (await Api.MessageAsync(devices[999], outcomes[999].MessageId)).MessageStatus);
    }

    [Fact]
    public async Task Batch_ThatIsWrong_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        string[][] wrong = [[], [device.Name, device.Name], [.. Enumerable.Range(0, 1_001).Select(static i => $"d{i}")]];
        foreach (var deviceNames in wrong)
        {
            (await Api.PostAsync(PathOf(device.ProductKey), new { deviceNames })).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        }

        (await Api.PostAsync(PathOf("nothing"), new { deviceNames = new[] { device.Name } })).Expect(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    private static string PathOf(string productKey) => $"/v1/products/{productKey}/messages:batchSend";
}
