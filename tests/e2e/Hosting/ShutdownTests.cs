using System.Globalization;
using System.Net;
using Google.Protobuf;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Mqtt;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.E2e.Tests.Hosting;

/// <summary>How the process ends when it is asked to.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Gateway_AfterSigterm_SaysGoodbyeAndStops()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(2);
        await using var modern = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect());
        await using var older = await RawClient.ConnectAsync(gateway.Mqtt, devices[1].Connect(ProtocolVersion.Mqtt311));

        var exitCode = await gateway.StopAsync(StopPatience);

        Assert.Equal(0, exitCode);
        Assert.Equal(ReasonCode.ServerShuttingDown, await modern.ClosedAsync("the goodbye"));
        Assert.Null(await older.ClosedAsync("the close"));
    }

    // Kestrel waits half a minute for calls that do not end.
    [Fact]
    public async Task Gateway_ThatIsWatched_SaysSoAndStops()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var productKey = await gateway.Api.CreateProductAsync();
        var lasting = (await gateway.Api.PostAsync($"/v1/products/{productKey}/broadcasts", new { messageContent = new byte[1], ttl = 600 })).Expect(HttpStatusCode.OK);
        var trace = (await gateway.Api.PostAsync("/v1/traces", new { productKey, deviceName = "d", duration = "600s" })).Expect(HttpStatusCode.Created);
        using var grpc = new GrpcClient(new Uri($"http://{gateway.GrpcAuthority}"));
        await using var broadcast = await WatchAsync(grpc, "Messaging/WatchBroadcast", new GetBroadcastRequest { ProductKey = productKey, MessageId = long.Parse(lasting.MessageId, CultureInfo.InvariantCulture) });
        await using var traced = await WatchAsync(grpc, "Traces/WatchTrace", new WatchTraceRequest { TraceId = trace.Text("traceId") });
        await using var messages = await WatchAsync(grpc, "Messaging/WatchDeviceMessages", new WatchDeviceMessagesRequest());

        var exitCode = await gateway.StopAsync(StopPatience);

        Assert.Equal(0, exitCode);
        foreach (var call in new[] { broadcast, traced, messages })
        {
            while (await Deadline.WithinAsync(call.ReadPayloadAsync(), "the end of what is watched") is not null)
            {
            }

            Assert.Equal(StatusCode.Unavailable, call.Reply.Status);
        }
    }

    [Fact]
    public async Task Gateway_StoppedAndStartedAgain_KeepsWhatItPromised()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var device = await gateway.Api.CreateDeviceAsync();
        var accepted = await gateway.Api.SendMessageAsync(device, "kept");

        await gateway.StopAsync(StopPatience);
        await gateway.StartAsync();

        Assert.Equal("PENDING", (await gateway.Api.MessageAsync(device, accepted.MessageId)).MessageStatus);
        await using var client = await RawClient.ConnectAsync(gateway.Mqtt, device.Connect());
        Assert.Equal("kept", (await client.ReceiveAsync("the message from before the stop")).Text);
    }

    [Fact]
    public async Task Gateway_WithAWrongSetting_NamesItAndEnds()
    {
        var start = GatewayProcess.StartAsync("Production", ("Mqtt__Shards", "0"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => start);

        Assert.Contains("Mqtt:Shards must be 1 to 8.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HealthProbes_OfAReadyGateway_NeedNoKey()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        using var stranger = new HttpClient { BaseAddress = gateway.HttpAddress };

        foreach (var path in new[] { "/healthz", "/readyz" })
        {
            using var answer = await stranger.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static async Task<GrpcStream> WatchAsync(GrpcClient grpc, string method, IMessage request)
    {
        var call = await grpc.OpenAsync($"iot.v1.{method}", ("authorization", $"Bearer {GatewayProcess.AdminKey}"));
        await call.WriteAsync(request);
        await call.EndAsync();
        await Deadline.WithinAsync(call.WhenOpenedAsync(), $"{method} has begun");
        return call;
    }
}
