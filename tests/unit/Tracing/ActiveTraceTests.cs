using System.Net;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Orders;
using IotPlatform.Tracing;

namespace IotPlatform.Unit.Tests.Tracing;

/// <summary>What a gateway keeps for a trace.</summary>
public sealed class ActiveTraceTests
{
    private static readonly GatewayId Gateway = new("g");
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Events_AreReadInTheirOrder_AndOnAgainFromANumber()
    {
        var trace = WithEvents(5);
        var first = trace.Read(Gateway, from: 1, size: 3);
        Assert.Equal((Gateway, 0L), (first.Gateway, first.Lost));
        Assert.Equal([1L, 2, 3], first.Events.Select(static noted => noted.Number));
        Assert.Equal(["t1", "t2", "t3"], first.Events.Select(static noted => noted.Topic));
        Assert.Equal([4L, 5], trace.Read(Gateway, from: 4, size: 3).Events.Select(static noted => noted.Number));
        Assert.Empty(trace.Read(Gateway, from: 6, size: 3).Events);
    }

    [Fact]
    public void Events_ForAReaderWhoHasComeFurther_AreReadFromTheFirst()
    {
        var reading = WithEvents(2).Read(Gateway, from: 4, size: 3);
        Assert.Equal([1L, 2], reading.Events.Select(static noted => noted.Number));
        Assert.Equal(0, reading.Lost);
    }

    [Fact]
    public void Trace_WithoutEvents_IsEmptyAndHasLostNone()
    {
        var reading = WithEvents(0).Read(Gateway, from: 1, size: 10);
        Assert.Empty(reading.Events);
        Assert.Equal(0, reading.Lost);
    }

    [Theory]
    [InlineData(1, 7, 8)]
    [InlineData(5, 3, 8)]
    [InlineData(7, 1, 8)]
    [InlineData(8, 0, 8)]
    [InlineData(9, 0, 9)]
    public void Trace_WithMoreEventsThanItKeeps_HasTheLatest_AndCountsWhatTheReaderMissed(long from, long lost, long first)
    {
        var trace = WithEvents(ActiveTrace.EventsMax + 7);
        var reading = trace.Read(Gateway, from, size: 2);
        Assert.Equal(lost, reading.Lost);
        Assert.Equal([first, first + 1], reading.Events.Select(static noted => noted.Number));
        Assert.Equal(ActiveTrace.EventsMax, trace.Read(Gateway, from: 1, int.MaxValue).Events.Length);
    }

    [Theory]
    [InlineData("c", null, null, null, true)]
    [InlineData("C", null, null, null, false)]
    [InlineData(null, "d", null, null, true)]
    [InlineData(null, "c", null, null, false)]
    [InlineData(null, null, "192.0.2.0/24", null, true)]
    [InlineData(null, null, "192.0.3.0/24", null, false)]
    [InlineData(null, null, null, "t/+", true)]
    public void Trace_ConcernsThoseItNames(string? clientId, string? deviceName, string? network, string? filter, bool isConcerned)
    {
        var trace = new ActiveTrace(new TraceOrder("id", clientId, deviceName is null ? null : new DeviceId("p", deviceName), network, filter, Start, Start.AddMinutes(1)));
        Assert.Equal(isConcerned, trace.Concerns(new TracedClient(1, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1), "c", new DeviceId("p", "d"))));
    }

    // Nobody has logged in yet: an order by client id or device names somebody.
    [Fact]
    public void Trace_OfSomebody_DoesNotConcernAClientThatIsNotKnownYet()
    {
        var unknown = new TracedClient(1, new IPEndPoint(IPAddress.Loopback, 1), "", Device: null);
        Assert.False(new ActiveTrace(new TraceOrder("id", "c", null, null, null, Start, Start)).Concerns(unknown));
        Assert.False(new ActiveTrace(new TraceOrder("id", null, new DeviceId("p", "d"), null, null, Start, Start)).Concerns(unknown));
        Assert.False(new ActiveTrace(new TraceOrder("id", null, null, "10.0.0.0/8", null, Start, Start)).Concerns(unknown));
    }

    [Theory]
    [InlineData(true, "t/1", true)]
    [InlineData(true, "t/1/2", false)]
    [InlineData(true, "", false)]
    [InlineData(false, "t/1", false)]
    public void Trace_OfATopic_WantsItsMessagesOnly(bool isPublish, string topic, bool isWanted) =>
        Assert.Equal(isWanted, new ActiveTrace(new TraceOrder("id", null, null, null, "t/+", Start, Start)).Wants(isPublish, topic));

    [Fact]
    public void Trace_OfAClient_WantsEverything() => Assert.True(WithEvents(0).Wants(isPublish: false, ""));

    private static ActiveTrace WithEvents(int count)
    {
        var trace = new ActiveTrace(new TraceOrder("id", "c", null, null, null, Start, Start.AddMinutes(1)));
        for (var i = 1; i <= count; i++)
        {
            trace.Add(new TraceEvent(0, Start, 1, null, "c", "", TraceStep.Received, "PUBLISH", 0, $"t{i}", 0, 10, ""));
        }

        return trace;
    }
}
