using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>How many messages a second a gateway takes: on every way to send them, the caller is told when to come again.</summary>
public sealed class SendLimitTests
{
    // Twenty messages in less than twenty seconds are more than one a second, on a busy machine too.
    private const int Count = 20;

    [Theory]
    [InlineData("Messages__SendsPerSecondPerProduct")]
    [InlineData("Messages__SendsPerSecondPerCaller")]
    public async Task MessagesBeyondTheRate_AreRefused_WithTheTimeToWait(string setting)
    {
        await using var gateway = await GatewayProcess.StartAsync("Development", (setting, "1"));
        var device = await gateway.Api.CreateDeviceAsync();

        var retryAfter = (await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => SendOverRestAsync(gateway, device)))).OfType<TimeSpan>().ToArray();
        Assert.All(retryAfter, static time => Assert.Equal(TimeSpan.FromSeconds(1), time));
        Assert.NotEmpty(retryAfter);

        using var grpc = new GrpcClient(new Uri($"http://{gateway.GrpcAuthority}"));
        var replies = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => grpc.CallAsync("iot.v1.Messaging/SendDeviceMessage", MessageStream.To(device), MessageStream.Key)));
        var refused = replies.Where(static reply => reply.Status is StatusCode.ResourceExhausted).ToArray();
        Assert.NotEmpty(refused);
        Assert.All(refused, static reply => Assert.InRange(int.Parse(reply.Header("grpc-retry-pushback-ms")!, CultureInfo.InvariantCulture), 1, 1_000));

        await using var stream = await MessageStream.OpenAsync(gateway);
        for (var i = 0; i < Count; i++)
        {
            await stream.SendAsync((ulong)i, MessageStream.To(device));
        }

        var errors = (await stream.ReadAsync(Count)).Values.Select(static answer => answer.Error).OfType<SendError>().ToArray();
        Assert.NotEmpty(errors);
        Assert.All(errors, static error => Assert.Equal((SendError.Types.Code.ResourceExhausted, true), (error.Code, error.RetryAfter is { Seconds: 0, Nanos: > 0 } or { Seconds: 1 })));

        var deviceNames = (await gateway.Api.CreateDevicesAsync(Count, device.ProductKey)).Select(static other => other.Name);
        var batch = (await gateway.Api.PostAsync($"/v1/products/{device.ProductKey}/messages:batchSend", new { deviceNames })).Expect(HttpStatusCode.OK);
        Assert.Contains(batch.Items("outcomes"), static outcome => outcome.TryGetProperty("error", out var error) && Answer.TextOf(error, "code") == "RESOURCE_EXHAUSTED" && Answer.TextOf(error, "retryAfter").EndsWith('s'));
    }

    /// <returns>After what time to send it again; null when it was accepted.</returns>
    private static async Task<TimeSpan?> SendOverRestAsync(GatewayProcess gateway, Gateways.Device device)
    {
        using var answer = await gateway.Api.Http.PostAsync($"{RestApi.PathOf(device)}/messages", JsonContent.Create(new { }));
        if (answer.StatusCode is HttpStatusCode.Created)
        {
            return null;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        return answer.Headers.RetryAfter!.Delta;
    }
}
