using System.Net;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Orders;
using IotPlatform.Sessions;
using IotPlatform.Tracing;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Tracing;

/// <summary>What is noted of a connection.</summary>
public sealed class ConnectionTraceTests
{
    private static readonly DeviceId Device = new("p", "d");
    private static readonly TracedClient Client = new(7, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5), "c", Device);

    private readonly ManualTime _time = new();

    [Fact]
    public void Sent_WithPacketsInOne_NotesEach()
    {
        var trace = Trace(clientId: "c");
        ConnectionTrace([trace]).Sent([.. Publish("t", 1), 0xD0, 0, .. Publish("u", 2)], SendOutcome.Sent);

        Assert.Equal(["PUBLISH t ", "PINGRESP  ", "PUBLISH u "], Events(trace).Select(static noted => $"{noted.Packet} {noted.Topic} {noted.Outcome}"));
        var first = Events(trace)[0];
        Assert.Equal(
            new TraceEvent(1, _time.GetUtcNow(), 7, Device, "c", "192.0.2.1:5", TraceStep.Sent, "PUBLISH", 1, "t", 1, Publish("t", 1).Length, ""), first);
    }

    [Theory]
    [InlineData(nameof(SendOutcome.Full))]
    [InlineData(nameof(SendOutcome.Closed))]
    public void Sent_WhereTheConnectionDidNotTakeIt_NotesThat(string outcome)
    {
        var trace = Trace(clientId: "c");
        ConnectionTrace([trace]).Sent(Publish("t", 1), Enum.Parse<SendOutcome>(outcome));
        Assert.Equal(outcome, Assert.Single(Events(trace)).Outcome);
    }

    [Fact]
    public void Sent_BehindAnAlias_IsNotedWithItsTopic_AlsoWhereThatWasAgreedOnBefore()
    {
        var aliases = new TopicAliases(4);
        aliases.Sent("t/1"u8);
        aliases.Sent("t/2"u8);
        var (all, some) = (Trace(clientId: "c"), Trace(filter: "t/2"));
        var connection = ConnectionTrace([all, some], aliases);
        connection.Sent(Publish("", 1, alias: 2), SendOutcome.Sent);
        connection.Sent(Publish("", 2, alias: 1), SendOutcome.Sent);
        connection.Sent(Publish("t/3", 3, alias: 3), SendOutcome.Sent);
        aliases.Sent("t/3"u8);
        connection.Sent(Publish("", 4, alias: 3), SendOutcome.Sent);
        connection.Sent(Publish("", 5, alias: 4), SendOutcome.Sent);

        Assert.Equal(["t/2", "t/1", "t/3", "t/3", ""], Events(all).Select(static noted => noted.Topic));
        Assert.Equal(["t/2"], Events(some).Select(static noted => noted.Topic));
    }

    [Fact]
    public void Dropped_NotesEachMessage()
    {
        var (trace, other) = (Trace(filter: "t/#"), Trace(filter: "u"));
        ConnectionTrace([trace, other]).Dropped("slow", "t/1"u8, 3);
        Assert.Equal(
            Enumerable.Repeat((TraceStep.Dropped, "PUBLISH", "t/1", "slow"), 3), Events(trace).Select(static noted => (noted.Step, noted.Packet, noted.Topic, noted.Outcome)));
        Assert.Empty(Events(other));
    }

    [Fact]
    public void Closed_IsNotedForWhoseConnectionItIs_AndNotForATopic()
    {
        var (trace, ofTopic) = (Trace(clientId: "c"), Trace(filter: "#"));
        ConnectionTrace([trace, ofTopic]).Closed();
        Assert.Equal((TraceStep.Closed, ""), (Assert.Single(Events(trace)).Step, Events(trace)[0].Packet));
        Assert.Empty(Events(ofTopic));
    }

    // The others have seen it when it came.
    [Fact]
    public void Introduced_IsNotedForTracesOfTheDeviceOnly()
    {
        var (ofClient, ofDevice, ofTopic) = (Trace(clientId: "c"), Trace(device: Device), Trace(filter: "#"));
        ConnectionTrace([ofClient, ofDevice, ofTopic]).Introduced(new PacketNote(PacketType.Connect, 0, "", QoS.AtMostOnce, 30, ""));
        Assert.Equal((TraceStep.Received, "CONNECT", 30), (Assert.Single(Events(ofDevice)).Step, Events(ofDevice)[0].Packet, Events(ofDevice)[0].Bytes));
        Assert.Empty(Events(ofClient));
        Assert.Empty(Events(ofTopic));
    }

    private static byte[] Publish(string topic, ushort packetId, byte alias = 0) =>
        PacketNoteTests.Publish(topic, "payload", QoS.AtLeastOnce, packetId, ProtocolVersion.Mqtt500, alias == 0 ? null : [0x23, 0, alias]);

    private static TraceEvent[] Events(ActiveTrace trace) => [.. trace.Read(new GatewayId("g"), from: 1, size: 1_000).Events];

    private ConnectionTrace ConnectionTrace(ActiveTrace[] traces, TopicAliases? aliases = null) => new(Client, ProtocolVersion.Mqtt500, aliases, [.. traces], _time);

    private ActiveTrace Trace(string? clientId = null, DeviceId? device = null, string? filter = null) =>
        new(new TraceOrder(Guid.NewGuid().ToString(), clientId, device, null, filter, _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(1)));
}
