using System.Security.Cryptography;
using System.Text;
using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.RealClients;

/// <summary>The gateway and <c>mosquitto_sub</c>, <c>mosquitto_pub</c>.</summary>
public sealed class MosquittoTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [SkippableTheory]
    [InlineData("311", 0)]
    [InlineData("311", 1)]
    [InlineData("311", 2)]
    [InlineData("5", 0)]
    [InlineData("5", 1)]
    [InlineData("5", 2)]
    public async Task Published_ByMosquitto_ReachesMosquitto(string version, int qos)
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        SkipWithout("mosquitto_pub");
        var devices = await Api.CreateDevicesAsync(2);
        var topic = $"rooms/{devices[0].Name}/light";
        await using var subscriber = Subscribe(devices[0], version, "-q", $"{qos}", "-t", "rooms/#", "-C", "1");
        await subscriber.UntilOutputAsync("Subscribed (mid", "mosquitto_sub has subscribed");

        await using var publisher = ClientProgram.Start("mosquitto_pub", [.. Login(devices[1], version), "-q", $"{qos}", "-t", topic, "-m", "on"]);

        await publisher.SuccessAsync("mosquitto_pub");
        Assert.Contains($"{topic} {qos} on", await subscriber.SuccessAsync("mosquitto_sub"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task Broadcast_ToMosquitto_ArrivesWithoutItsSubscription(string version)
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        var device = await Api.CreateDeviceAsync();
        await using var subscriber = Subscribe(device, version, "-t", "something/else", "-C", "1");
        await subscriber.UntilOutputAsync("Subscribed (mid", "mosquitto_sub has subscribed");

        var answer = await Api.BroadcastAsync(device.ProductKey, "hello");

        Assert.Equal(1, answer.Number("written"));
        Assert.Contains($"{device.BroadcastTopic(answer.MessageId)} 0 hello", await subscriber.SuccessAsync("mosquitto_sub"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Message_ToMosquittoWithASignedLogin_IsDelivered()
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        var device = await Api.CreateDeviceAsync();
        var content = $"clientId{device.Name}deviceName{device.Name}productKey{device.ProductKey}";
        var signature = Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(device.Secret), Encoding.UTF8.GetBytes(content)));
        var accepted = await Api.SendMessageAsync(device, "signed");

        await using var subscriber = Subscribe(device with { Secret = signature }, "311", "-i", $"{device.Name}|securemode=3,signmethod=hmacsha256|", "-t", "x", "-C", "1");

        Assert.Contains($"{device.MessageTopic(accepted.MessageId)} 1 signed", await subscriber.SuccessAsync("mosquitto_sub"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task Message_ToMosquitto_WaitsForItAndIsDelivered(string version)
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        var device = await Api.CreateDeviceAsync();
        var accepted = await Api.SendMessageAsync(device, "while you were away");

        await using var subscriber = Subscribe(device, version, "-t", "something/else", "-C", "1");

        Assert.Contains($"{device.MessageTopic(accepted.MessageId)} 1 while you were away", await subscriber.SuccessAsync("mosquitto_sub"), StringComparison.Ordinal);
        await Api.UntilMessageIsAsync(device, accepted.MessageId, "DELIVERED");
    }

    [SkippableTheory]
    [InlineData("311", 0)]
    [InlineData("311", 1)]
    [InlineData("5", 1)]
    [InlineData("5", 2)]
    public async Task Retained_ByMosquitto_WaitsForMosquitto_UntilItIsCleared(string version, int qos)
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        SkipWithout("mosquitto_pub");
        var devices = await Api.CreateDevicesAsync(2);
        var topic = $"state/{devices[0].Name}/light";
        await PublishAsync(devices[1], version, "-q", $"{qos}", "-t", topic, "-r", "-m", "on");
        if (qos == 0)
        {
            // It is stored by the time that one behind it is acknowledged.
            await PublishAsync(devices[1], version, "-q", "1", "-t", topic, "-r", "-m", "on");
        }

        await using var subscriber = Subscribe(devices[0], version, "--retained-only", "-q", $"{qos}", "-t", $"state/{devices[0].Name}/+", "-C", "1");
        Assert.Contains($"{topic} {qos} on", await subscriber.SuccessAsync("mosquitto_sub, retained"), StringComparison.Ordinal);

        // The first message that is not retained ends it: by then it would have had the one that is.
        await PublishAsync(devices[1], version, "-q", "1", "-t", topic, "-r", "-n");
        await using var later = Subscribe(devices[0], version, "--retained-only", "-t", $"state/{devices[0].Name}/+");
        await later.UntilOutputAsync("Subscribed (mid", "mosquitto_sub has subscribed again");
        await PublishAsync(devices[1], version, "-t", topic, "-m", "passing");
        Assert.DoesNotContain($"{topic} {qos} on", await later.SuccessAsync("mosquitto_sub, nothing retained"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task RetainedWill_OfMosquitto_IsFoundByMosquitto(string version)
    {
        SkipWithout("stdbuf");
        SkipWithout("mosquitto_sub");
        var devices = await Api.CreateDevicesAsync(2);
        var topic = $"state/{devices[0].Name}/status";
        string[] will = ["--will-topic", topic, "--will-payload", "lost", "--will-qos", "1", "--will-retain"];
        await using (var lost = Subscribe(devices[0], version, [.. will, "-t", "something/else"]))
        {
            await lost.UntilOutputAsync("Subscribed (mid", "mosquitto_sub has subscribed");
        }

        await using var subscriber = Subscribe(devices[1], version, "-q", "1", "-t", topic, "-C", "1");
        Assert.Contains($"{topic} 1 lost", await subscriber.SuccessAsync("mosquitto_sub"), StringComparison.Ordinal);
    }

    private async Task PublishAsync(Device device, string version, params string[] arguments)
    {
        await using var publisher = ClientProgram.Start("mosquitto_pub", [.. Login(device, version), .. arguments]);
        await publisher.SuccessAsync("mosquitto_pub");
    }

    // -d tells when it has subscribed; -F prints topic, QoS and payload.
    private ClientProgram Subscribe(Device device, string version, params string[] arguments) =>
        ClientProgram.Start("stdbuf", ["-oL", "mosquitto_sub", .. Login(device, version), "-d", "-F", "%t %q %p", "-W", "30", .. arguments]);

    private string[] Login(Device device, string version) =>
        ["-h", "127.0.0.1", "-p", $"{gateway.Process.Mqtt.Port}", "-V", version, "-i", device.Name, "-u", device.UserName, "-P", device.Secret];

    private static void SkipWithout(string program)
    {
        var whyNot = ClientProgram.WhyNot(program);
        Skip.If(whyNot is not null, whyNot);
    }
}
