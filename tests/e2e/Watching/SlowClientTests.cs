using System.Net;
using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>Clients that do not take what they are sent.</summary>
public sealed class SlowClientTests
{
    private const int PayloadBytes = 60_000;

    // What the system's own buffers take is not for the gateway to see.
    private const int RoundsMax = 1_000;

    [Fact]
    public async Task SlowClients_ShowWhoDoesNotRead_AndNobodyElse()
    {
        await using var gateway = await GatewayProcess.StartAsync(settings: ("Mqtt__PendingBytesMax", "131072"));
        var devices = await gateway.Api.CreateDevicesAsync(2);
        await using var slow = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect());
        await using var quick = await RawClient.ConnectAsync(gateway.Mqtt, devices[1].Connect());
        Assert.Empty(await SlowAsync(gateway));
        await using var trace = await gateway.Api.TraceAsync(new { productKey = devices[0].ProductKey, deviceName = devices[0].Name });
        slow.StopReading();

        var (rounds, dropped) = (0, 0L);
        while (dropped < 3 && rounds < RoundsMax)
        {
            var answer = (await gateway.Api.BroadcastAsync(devices[0].ProductKey, new byte[PayloadBytes])).Expect(HttpStatusCode.OK);
            dropped += answer.Number("dropped");
            rounds++;
            await quick.ReceiveAsync($"broadcast {rounds}");
        }

        Assert.Equal(3, dropped);
        var shown = Assert.Single(await SlowAsync(gateway));
        Assert.Equal(devices[0].Name, Answer.TextOf(shown, "deviceName"));
        Assert.InRange(Answer.NumberOf(shown, "pendingBytes"), PayloadBytes, 131_072);
        Assert.Equal([("slow", 3)], ClientTests.DropsOf(shown));
        Assert.Equal(rounds - 3, Answer.NumberOf(shown, "messagesSent"));
        Assert.Empty(await SlowAsync(gateway, $"?productKey={await gateway.Api.CreateProductAsync()}"));

        // What the connection did not take, and that it was dropped for that, stand in the trace.
        var events = await trace.UntilAsync(static noted => noted.Step == "DROPPED", "that a message was dropped");
        Assert.Equal(3, events.Count(static noted => noted.Summary == "DROPPED PUBLISH slow"));
        Assert.Equal(3, events.Count(static noted => noted.Summary == "SENT PUBLISH Full"));
        Assert.Equal(rounds - 3, events.Count(static noted => noted.Summary == "SENT PUBLISH"));

        slow.ReadOn();
        await slow.ReceiveAsync(rounds - 3, "what was written to the client that did not read");
        await slow.PingAsync();
        var after = Assert.Single(await SlowAsync(gateway));
        Assert.Equal(0, Answer.NumberOf(after, "pendingBytes"));
    }

    [Fact]
    public async Task SlowClients_ShowWhoDoesNotAcknowledge_UntilItDoes()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var devices = await gateway.Api.CreateDevicesAsync(2);
        await using var slow = await RawClient.ConnectAsync(gateway.Mqtt, devices[0].Connect(receiveMaximum: 1), acknowledges: false);
        await using var publisher = await RawClient.ConnectAsync(gateway.Mqtt, devices[1].Connect());
        await slow.SubscribeAsync("news", QoS.AtLeastOnce);
        for (var i = 0; i < 3; i++)
        {
            await publisher.PublishAsync("news", new string('x', 500), QoS.AtLeastOnce);
        }

        var shown = Assert.Single(await Deadline.UntilAsync(
            () => SlowAsync(gateway), static slow => slow.Length > 0 && Answer.NumberOf(slow[0], "queuedMessages") == 3, "the client is shown with three messages"));
        Assert.Equal((devices[0].Name, 1), (Answer.TextOf(shown, "deviceName"), Answer.NumberOf(shown, "inFlight")));
        Assert.InRange(Answer.NumberOf(shown, "queuedBytes"), 1_000, 2_000);

        for (var i = 0; i < 3; i++)
        {
            slow.Acknowledge(await slow.ReceiveAsync($"message {i + 1}"));
        }

        await Deadline.UntilAsync(() => SlowAsync(gateway), static slow => slow.Length == 0, "nobody is slow");
    }

    private static async Task<JsonElement[]> SlowAsync(GatewayProcess gateway, string query = "") =>
        (await gateway.Api.GetAsync($"/v1/clients:slow{query}")).Expect(HttpStatusCode.OK).Items("clients");
}
