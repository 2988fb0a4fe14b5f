using Google.Protobuf;
using IotPlatform.Api;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;

namespace IotPlatform.Unit.Tests.Api;

public sealed class BroadcastRequestsTests
{
    private const int Week = 604_800;

    /// <summary>What is wrong with a request, the words of the refusal, and the request.</summary>
    public static TheoryData<string, string, Action<PubBroadcastRequest>> Wrong => new()
    {
        { "payload", "messageContent must be at most 65536 bytes.", static r => r.MessageContent = ByteString.CopyFrom(new byte[65_537]) },
        { "topic of another product", "topicFullName must begin with /broadcast/p/.", static r => r.TopicFullName = "/broadcast/other/x" },
        { "topic of nothing", "topicFullName must begin with /broadcast/p/.", static r => r.TopicFullName = "/broadcast/p/" },
        { "topic with a wildcard", "topicFullName must", static r => r.TopicFullName = "/broadcast/p/#" },
        { "qos", "qos must be 0 or 1.", static r => r.Qos = 2 },
        { "qos below", "qos must be 0 or 1.", static r => r.Qos = -1 },
        { "ttl below", "ttl must be 0 to 604800 seconds.", static r => r.Ttl = -1 },
        { "ttl above", "ttl must be 0 to 604800 seconds.", static r => r.Ttl = Week + 1 },
        { "expiry of nothing", "messageExpiry must be 1 to 604800 seconds.", static r => r.MessageExpiry = 0 },
        { "expiry above", "messageExpiry must be 1 to 604800 seconds.", static r => r.MessageExpiry = Week + 1 },
        { "expiry far above", "messageExpiry must be 1 to 604800 seconds.", static r => r.MessageExpiry = long.MaxValue },
        { "rate below", "maxRate must be 0 to 1000000.", static r => r.MaxRate = -1 },
        { "rate above", "maxRate must be 0 to 1000000.", static r => r.MaxRate = 1_000_001 },
        { "content type, in bytes", "contentType must be at most 128 bytes of text", static r => r.ContentType = new string('ü', 65) },
        { "content type with U+0000", "contentType must be at most 128 bytes of text", static r => r.ContentType = "a\0b" },
        { "properties", "userProperties must be at most 32", static r => r.UserProperties.Add(Enumerable.Repeat(new UserProperty(), 33)) },
        { "property with U+0000", "userProperties must be at most 32, of text", static r => r.UserProperties.Add(new UserProperty { Value = "\0" }) },
        { "properties, in bytes", "userProperties must be at most 4096 bytes", static r => r.UserProperties.Add(new UserProperty { Name = "n", Value = new string('ü', 2_048) }) },
        { "prefix that no name has", "filter: deviceNamePrefix must", static r => r.Filter = new BroadcastFilter { DeviceNamePrefix = "a/b" } },
        { "prefix that is too long", "filter: deviceNamePrefix must", static r => r.Filter = new BroadcastFilter { DeviceNamePrefix = new string('a', 129) } },
        { "tag key", "tags: a key must be", static r => r.Filter = new BroadcastFilter { Tags = { ["a b"] = "" } } },
        { "tag value", "tags: k must be at most 128 characters", static r => r.Filter = new BroadcastFilter { Tags = { ["k"] = new string('a', 129) } } },
        { "tags", "tags must be at most 16.", static r => r.Filter = new BroadcastFilter { Tags = { Enumerable.Range(0, 17).ToDictionary(static i => $"k{i}", static _ => "") } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Request_OutOfBounds_IsRefusedByItsField(string what, string message, Action<PubBroadcastRequest> change)
    {
        var request = new PubBroadcastRequest { ProductKey = "p" };
        change(request);
        var refusal = Assert.Throws<RpcException>(() => BroadcastRequests.ToPublish(request));
        Assert.Equal((what, StatusCode.InvalidArgument), (what, refusal.StatusCode));
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_OfNothing_IsForAllThatAreOnline()
    {
        var publish = BroadcastRequests.ToPublish(new PubBroadcastRequest { ProductKey = "p", Filter = new BroadcastFilter() });
        Assert.Equal((null, 0, null, null, TimeSpan.Zero, 0), (publish.Topic, publish.QoS, publish.Filter, publish.MessageExpiry, publish.TimeToLive, publish.MaxRate));
        Assert.Equal((0, 0), (publish.Payload.Length, publish.Properties.Length));
    }

    [Fact]
    public void Request_AtItsBounds_IsTaken()
    {
        var request = new PubBroadcastRequest
        {
            ProductKey = "p",
            TopicFullName = "/broadcast/p/x",
            Qos = 1,
            MessageContent = ByteString.CopyFrom(new byte[65_536]),
            Ttl = Week,
            MessageExpiry = Week,
            MaxRate = 1_000_000,
            ContentType = new string('ü', 64),
            Filter = new BroadcastFilter { DeviceNamePrefix = new string('a', 128), Tags = { Enumerable.Range(0, 16).ToDictionary(static i => $"k{i:00}", static i => $"{i}") } },
        };
        request.UserProperties.Add(Enumerable.Repeat(new UserProperty { Name = new string('n', 64), Value = new string('v', 64) }, 32));
        var publish = BroadcastRequests.ToPublish(request);
        Assert.Equal(
            ("/broadcast/p/x", 1, TimeSpan.FromDays(7), TimeSpan.FromDays(7), 1_000_000),
            (publish.Topic, publish.QoS, publish.TimeToLive, publish.MessageExpiry, publish.MaxRate));
        Assert.Equal(65_536, publish.Payload.Length);
        Assert.Equal(request.Filter.DeviceNamePrefix, publish.Filter!.DeviceNamePrefix);
        Assert.Equal(Enumerable.Range(0, 16).Select(static i => new DeviceTag($"k{i:00}", $"{i}")), publish.Filter.Tags);

        // Content type: its identifier, two bytes of length, the text; each user property: the same with two texts.
        Assert.Equal(1 + 2 + 128 + (32 * (1 + 2 + 64 + 2 + 64)), publish.Properties.Length);
    }

    [Fact]
    public void Request_WithProperties_HasThemAsMqttEncodesThem()
    {
        var request = new PubBroadcastRequest { ProductKey = "p", ContentType = "t", UserProperties = { new UserProperty { Name = "b", Value = "2" }, new UserProperty { Name = "a", Value = "" } } };

        // [MQTT-5.0 2.2.2.2] 3: content type; 38: user property, in the order in which they were given.
        Assert.Equal(
            [3, 0, 1, (byte)'t', 38, 0, 1, (byte)'b', 0, 1, (byte)'2', 38, 0, 1, (byte)'a', 0, 0],
            BroadcastRequests.ToPublish(request).Properties.ToArray());
    }

    [Fact]
    public void Request_WithoutAContentType_SaysNoneInTheProperties()
    {
        var request = new PubBroadcastRequest { ProductKey = "p", UserProperties = { new UserProperty { Name = "n", Value = "v" } } };
        Assert.Equal([38, 0, 1, (byte)'n', 0, 1, (byte)'v'], BroadcastRequests.ToPublish(request).Properties.ToArray());
    }
}
