using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Wills (section 3.1.2.5): in which form they come, and how often.</summary>
public sealed class WillTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-3.1.2-14] ([MQTT-3.1.2-16] in 3.1.1)
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_WithoutRetain_IsNotRetained(ProtocolVersion version)
    {
        var watcher = await WatcherAsync();
        (await EdgeClient.ConnectAsync(_edge, "c", version, Will(QoS.AtLeastOnce))).Abort();
        var will = Assert.Single(await watcher.ReceiveAsync(1));
        Assert.Equal(("gone", QoS.AtLeastOnce, false), (will.Payload, will.QoS, will.Retain));
        Assert.Equal(0, _edge.Host.Retained.Count);
    }

    // [MQTT-3.1.2-15] ([MQTT-3.1.2-17] in 3.1.1)
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_WithRetain_IsRetained(ProtocolVersion version)
    {
        var watcher = await WatcherAsync("watcher");
        (await EdgeClient.ConnectAsync(_edge, "c", version, Will(QoS.ExactlyOnce, retain: true))).Abort();
        await watcher.ReceiveAsync(1);
        var late = await WatcherAsync("late");
        var will = Assert.Single(await late.ReceiveAsync(1));
        Assert.Equal(("gone", QoS.ExactlyOnce, true), (will.Payload, will.QoS, will.Retain));
    }

    // [MQTT-3.1.3-10]
    [Fact]
    public async Task Will_KeepsItsProperties_AndTheOrderOfTheUsers()
    {
        var watcher = await WatcherAsync();
        var will = new WillMessage
        {
            Topic = "wills/c",
            Payload = "gone"u8.ToArray(),
            ContentType = "t",
            UserProperties = [new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "3")],
        };
        (await EdgeClient.ConnectAsync(_edge, "c", will: will)).Abort();
        var published = Assert.Single(await watcher.ReceiveAsync(1));
        Assert.True(PublishProperties.TryParse(Convert.FromHexString(published.Properties), Sender.Server, out var properties, out _));
        Assert.Equal("t", Encoding.UTF8.GetString(properties.ContentType));
        var users = new List<string>();
        foreach (var user in properties.UserProperties)
        {
            users.Add($"{Encoding.UTF8.GetString(user.Name)}={Encoding.UTF8.GetString(user.Bytes)}");
        }

        Assert.Equal(["b=1", "a=2", "b=3"], users);
    }

    // [MQTT-3.1.2-10] Once it is published it is gone, also for the session's next connection. [MQTT-3.1.2-12] of 3.1.1: who leaves none has none.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_IsPublishedOnce_AndOnlyOfAConnectionThatLeftOne(ProtocolVersion version)
    {
        uint? sessionExpiry = version == V5 ? 100 : null;
        var watcher = await WatcherAsync();
        (await EdgeClient.ConnectAsync(_edge, "c", version, Will(QoS.AtMostOnce), sessionExpiry, cleanStart: false)).Abort();
        (await EdgeClient.ConnectAsync(_edge, "c", version, sessionExpiry: sessionExpiry, cleanStart: false)).Abort();
        await watcher.PublishAsync("wills/end", "end");
        Assert.Equal(["gone", "end"], (await watcher.ReceiveAsync(2)).Select(static m => m.Payload));
    }

    // [MQTT-3.1.2-8] ([MQTT-3.1.2-8] in 3.1.1) A takeover is an end, too.
    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Will_OfAConnectionThatIsTakenOver_IsPublished(ProtocolVersion version)
    {
        var watcher = await WatcherAsync();
        var older = await EdgeClient.ConnectAsync(_edge, "c", version, Will(QoS.AtMostOnce));
        await EdgeClient.ConnectAsync(_edge, "c", version);
        await Patience.UntilAsync(() => older.IsClosed);
        older.Abort();
        Assert.Equal("gone", Assert.Single(await watcher.ReceiveAsync(1)).Payload);
    }

    private static WillMessage Will(QoS qos, bool retain = false) => new() { Topic = "wills/c", Payload = "gone"u8.ToArray(), QoS = qos, Retain = retain };

    private async Task<EdgeClient> WatcherAsync(string clientId = "watcher")
    {
        var watcher = await EdgeClient.ConnectAsync(_edge, clientId);
        await watcher.SubscribeAsync("wills/+", QoS.ExactlyOnce);
        return watcher;
    }
}
