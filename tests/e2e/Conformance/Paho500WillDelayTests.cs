using System.Diagnostics;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Conformance;

/// <summary>What <c>client_test5.py</c> asks of delayed wills.</summary>
public sealed class Paho500WillDelayTests(ConformanceGateway gateway) : IClassFixture<ConformanceGateway>
{
    private static int s_last;

    private readonly string _name = $"delay{Interlocked.Increment(ref s_last)}";

    // [MQTT-3.1.2-8], section 3.1.3.2.2: after the delay, or when the session ends, whichever comes first.
    [Theory]
    [InlineData(2, 60, 2)]
    [InlineData(60, 2, 2)]
    [InlineData(60, 0, 0)]
    public async Task Will_WithADelay_ComesAfterIt_OrWithTheSessionsEnd(uint delay, uint sessionExpiry, int seconds)
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync(_name, QoS.ExactlyOnce);
        await using var client = await ConnectAsync("a", sessionExpiry, will: Will(delay));
        var clock = Stopwatch.StartNew();
        client.Abort();
        Assert.Equal("will message", (await watcher.ReceiveAsync("the will")).Text);
        Assert.InRange(clock.Elapsed.TotalSeconds, seconds - 0.1, seconds + 7);
    }

    // [MQTT-3.1.3-9]
    [Fact]
    public async Task Will_WithADelay_OfAClientThatComesBackInTime_DoesNotCome()
    {
        await using var watcher = await ConnectAsync("b");
        await watcher.SubscribeAsync($"{_name}/+", QoS.ExactlyOnce);
        await watcher.SubscribeAsync(_name, QoS.ExactlyOnce);
        await using (var client = await ConnectAsync("a", sessionExpiry: 60, will: Will(delay: 1)))
        {
            client.Abort();
        }

        // Another will, which is later, shows that the first one's time is over.
        await using var back = await ConnectAsync("a", sessionExpiry: 60, cleanStart: false);
        await using var other = await ConnectAsync("c", sessionExpiry: 60, will: Will(delay: 2, $"{_name}/other"));
        other.Abort();
        Assert.Equal($"{_name}/other", (await watcher.ReceiveAsync("the other client's will")).Topic);
        Assert.Equal(0, watcher.Waiting);
    }

    private WillMessage Will(uint delay, string? topic = null) => new() { Topic = topic ?? _name, Payload = "will message"u8.ToArray(), DelayInterval = delay };

    private Task<RawClient> ConnectAsync(string client, uint? sessionExpiry = null, bool cleanStart = true, WillMessage? will = null) =>
        RawClient.ConnectAsync(
            gateway.Process.Mqtt,
            new ConnectPacket { ClientId = $"{_name}-{client}", CleanStart = cleanStart, SessionExpiryInterval = sessionExpiry, Will = will });
}
