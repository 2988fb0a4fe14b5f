using System.Text;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Orders;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Requests to a device whose answers somebody waits for, from its grain to the client and back.</summary>
public sealed class InvocationTests : IAsyncDisposable
{
    private const ProtocolVersion V3 = ProtocolVersion.Mqtt311;
    private const ProtocolVersion V5 = ProtocolVersion.Mqtt500;

    // Nothing else waits for just as long.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(7);

    private readonly Edge _edge = new(configure: static options => options.Invocations = new() { WaitingPerDeviceMax = 2, WaitingMax = 3 });
    private readonly InstrumentSum _waiting;
    private readonly InstrumentSum _late;

    public InvocationTests()
    {
        _waiting = new InstrumentSum(_edge.Instruments, "iot.gateway.invocations.waiting");
        _late = new InstrumentSum(_edge.Instruments, "iot.gateway.invocations.late");
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Dispose();
        _late.Dispose();
        await _edge.DisposeAsync();
    }

    [Theory]
    [InlineData(V3, QoS.AtMostOnce, QoS.AtMostOnce)]
    [InlineData(V3, QoS.AtLeastOnce, QoS.AtLeastOnce)]
    [InlineData(V3, QoS.AtMostOnce, QoS.ExactlyOnce)]
    [InlineData(V5, QoS.AtMostOnce, QoS.AtMostOnce)]
    [InlineData(V5, QoS.AtLeastOnce, QoS.AtLeastOnce)]
    [InlineData(V5, QoS.AtMostOnce, QoS.ExactlyOnce)]
    public async Task Invocation_AnsweredOnItsTopic_GivesTheAnswer_AndNobodyElseGetsIt(ProtocolVersion version, QoS qos, QoS answerQoS)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", version);
        await device.SubscribeAsync(ResponseTopic("d", "#"));
        var call = InvokeAsync("d", "ask", qos);
        var request = await RequestAsync(device);
        Assert.Equal((RequestTopic("d", IdOf(request)), "ask", qos, false, false), (request.Topic, request.Payload, request.QoS, request.Dup, request.Retain));
        Acknowledge(device, request);
        _edge.Time.Advance(TimeSpan.FromSeconds(2));

        var packetId = device.Publish(ResponseTopic("d", IdOf(request)), "answer", answerQoS);

        var result = await SuccessOfAsync(call);
        Assert.Equal((IdOf(request), "answer", TimeSpan.FromSeconds(2)), (result.RequestId, TextOf(result), result.Duration));
        (PacketType, int, ReasonCode)[] acknowledged = answerQoS == QoS.AtMostOnce ? [] : [(answerQoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, packetId, ReasonCode.Success)];
        Assert.Equal(acknowledged, device.Acknowledgements);
        await NothingCameAsync(device, version, before: 1);
        Assert.Equal((0, 0), (_waiting.Value, _late.Value));
    }

    // Section 4.10
    [Fact]
    public async Task Request_To500_SaysWhereToAnswerAndByWhat_BesideWhatItsCallerSays()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5);
        var call = InvokeAsync("d", properties: [0x03, 0, 1, (byte)'t']);
        var request = await RequestAsync(device);
        Assert.True(PublishProperties.TryParse(Convert.FromHexString(request.Properties), Sender.Server, out var properties, out _));
        Assert.Equal(ResponseTopic("d", IdOf(request)), Encoding.UTF8.GetString(properties.ResponseTopic));
        Assert.Equal(IdOf(request), Encoding.UTF8.GetString(properties.CorrelationData));
        Assert.Equal("t", Encoding.UTF8.GetString(properties.ContentType));
        Assert.False(properties.HasTopicAlias);
        device.Publish(ResponseTopic("d", IdOf(request)), "", QoS.AtMostOnce);
        await SuccessOfAsync(call);
    }

    [Theory]
    [InlineData("rrpc/response")]
    [InlineData("rrpc/response/anything")]
    public async Task Invocation_AnsweredByItsCorrelationData_GivesTheAnswer(string topic)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5);
        var call = InvokeAsync("d");
        var request = await RequestAsync(device);
        Assert.Equal(ReasonCode.Success, await device.PublishAsync($"/sys/anonymous/d/{topic}", "answer", properties: Correlation(IdOf(request))));
        Assert.Equal("answer", TextOf(await SuccessOfAsync(call)));
    }

    [Fact]
    public async Task CorrelationData_OfAnotherRequestThanTheTopic_Counts()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5);
        var first = InvokeAsync("d");
        var firstRequest = await RequestAsync(device);
        var second = InvokeAsync("d");
        var secondRequest = await RequestAsync(device, count: 2);
        await device.PublishAsync(ResponseTopic("d", IdOf(firstRequest)), "to the second", properties: Correlation(IdOf(secondRequest)));
        Assert.Equal("to the second", TextOf(await SuccessOfAsync(second)));
        Assert.False(first.IsCompleted);
        await device.PublishAsync(ResponseTopic("d", IdOf(firstRequest)), "to the first");
        Assert.Equal("to the first", TextOf(await SuccessOfAsync(first)));
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Invocations_AnsweredOutOfOrder_GetTheirOwnAnswers(ProtocolVersion version)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", version);
        var first = InvokeAsync("d");
        var firstRequest = await RequestAsync(device);
        var second = InvokeAsync("d");
        var secondRequest = await RequestAsync(device, count: 2);
        device.Publish(ResponseTopic("d", IdOf(secondRequest)), "to the second", QoS.AtMostOnce);
        Assert.Equal("to the second", TextOf(await SuccessOfAsync(second)));
        device.Publish(ResponseTopic("d", IdOf(firstRequest)), "to the first", QoS.AtMostOnce);
        Assert.Equal("to the first", TextOf(await SuccessOfAsync(first)));
    }

    [Fact]
    public async Task Invocation_OfASessionThatIsKept_IsAnsweredAtQoS2()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5, sessionExpiry: 100);
        var call = InvokeAsync("d", qos: QoS.AtLeastOnce);
        var request = await RequestAsync(device);
        Acknowledge(device, request);
        var packetId = device.Publish(ResponseTopic("d", IdOf(request)), "answer", QoS.ExactlyOnce);
        Assert.Equal("answer", TextOf(await SuccessOfAsync(call)));
        await Patience.UntilAsync(() => device.Acknowledgements.Length == 1, "PUBREC of the answer");
        Assert.Equal((PacketType.PubRec, packetId, ReasonCode.Success), device.Acknowledgements[0]);
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Invocation_ThatIsNotAnsweredInTime_TimesOut_AndALaterAnswerIsDropped(ProtocolVersion version)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", version);
        await device.SubscribeAsync(ResponseTopic("d", "#"));
        var call = InvokeAsync("d");
        var request = await RequestAsync(device);
        await Patience.UntilAsync(() => _edge.Time.TimersDueIn(Timeout) > 0, "the call waits");

        _edge.Time.Advance(Timeout);

        var result = await ResultOfAsync(call);
        Assert.Equal((InvocationOutcome.Timeout, 0, Timeout), (result.Outcome, result.Payload.Length, result.Duration));
        Assert.Equal(0, _waiting.Value);
        await AnswerLateAsync(device, version, IdOf(request));
        await NothingCameAsync(device, version, before: 1);
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V5)]
    public async Task Answer_ThatNobodyWaitsFor_IsAcknowledgedAndCounted(ProtocolVersion version)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", version);
        await AnswerLateAsync(device, version, "1");
        var call = InvokeAsync("d");
        var request = await RequestAsync(device);
        await AnswerLateAsync(device, version, "1", late: 2);
        device.Publish(ResponseTopic("d", IdOf(request)), "first", QoS.AtMostOnce);
        await AnswerLateAsync(device, version, IdOf(request), late: 3);
        Assert.Equal("first", TextOf(await SuccessOfAsync(call)));
    }

    [Fact]
    public async Task Trace_ShowsTheRequest_TheAnswer_AndOneThatNobodyWaitsFor()
    {
        var now = _edge.Time.GetUtcNow();
        _edge.Tracer.Set([new TraceOrder("t", "d", null, null, null, now, now.AddHours(1))]);
        var device = await EdgeClient.ConnectAsync(_edge, "d");
        var call = InvokeAsync("d");
        var id = IdOf(await RequestAsync(device));
        device.Publish(ResponseTopic("d", id), "answer", QoS.AtMostOnce);
        await SuccessOfAsync(call);
        device.Publish(ResponseTopic("d", id), "again", QoS.AtMostOnce);
        var noted = _edge.Tracer.Read("t", 0, 100).Events.Where(static e => e.Packet == "PUBLISH").Select(static e => (e.Step, e.Topic));
        Assert.Equal(
            [(TraceStep.Sent, RequestTopic("d", id)), (TraceStep.Received, ResponseTopic("d", id)), (TraceStep.Received, ResponseTopic("d", id)), (TraceStep.Dropped, ResponseTopic("d", id))],
            noted);
        Assert.Equal("late_answer", _edge.Tracer.Read("t", 0, 100).Events[^1].Outcome);
    }

    [Fact]
    public async Task Answer_OnAnotherDevicesTopic_IsNone()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d");
        var other = await EdgeClient.ConnectAsync(_edge, "other");
        var call = InvokeAsync("d");
        var request = await RequestAsync(device);
        Assert.Equal(ReasonCode.NotAuthorized, await other.PublishAsync(ResponseTopic("d", IdOf(request)), "forged"));
        Assert.Equal(ReasonCode.NoMatchingSubscribers, await other.PublishAsync(ResponseTopic("other", IdOf(request)), "forged"));
        Assert.False(call.IsCompleted);
        device.Publish(ResponseTopic("d", IdOf(request)), "its own", QoS.AtMostOnce);
        Assert.Equal("its own", TextOf(await SuccessOfAsync(call)));
    }

    [Fact]
    public async Task Invocation_OfADeviceThatHasGone_IsOffline()
    {
        (await EdgeClient.ConnectAsync(_edge, "d")).Abort();
        await Patience.UntilAsync(() => !GrainOf("d").GetAsync().GetAwaiter().GetResult().Value!.Connection!.IsOnline, "the device is offline");
        var result = await ResultOfAsync(InvokeAsync("d"));
        Assert.Equal((InvocationOutcome.Offline, TimeSpan.Zero, true), (result.Outcome, result.Duration, result.RequestId.Length > 0));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("goodbye")]
    [InlineData("sent away")]
    [InlineData("taken over")]
    public async Task Invocation_WhoseConnectionEnds_IsOfflineAtOnce(string how)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d");
        var call = InvokeAsync("d");
        await RequestAsync(device);
        switch (how)
        {
            case "lost":
                device.Abort();
                break;
            case "goodbye":
                device.Send(new DisconnectPacket());
                break;
            case "sent away":
                // Its socket is still there.
                device.Owner.Disconnect(ReasonCode.AdministrativeAction);
                break;
            default:
                await EdgeClient.ConnectAsync(_edge, "d");
                break;
        }

        Assert.Equal(InvocationOutcome.Offline, (await ResultOfAsync(call)).Outcome);
        Assert.Equal(0, _waiting.Value);
    }

    [Fact]
    public async Task Invocation_BeyondWhatMayWaitForADevice_IsRefused_UntilOneHasEnded()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d");
        var first = InvokeAsync("d");
        var request = await RequestAsync(device);
        var second = InvokeAsync("d");
        await RequestAsync(device, count: 2);

        await RefusedAsync(InvokeAsync("d"), RefusalCode.ResourceExhausted, "2 calls wait for anonymous/d.");

        Assert.Equal(2, _waiting.Value);
        device.Publish(ResponseTopic("d", IdOf(request)), "", QoS.AtMostOnce);
        await SuccessOfAsync(first);
        var third = InvokeAsync("d");
        await RequestAsync(device, count: 3);
        device.Abort();
        Assert.Equal(InvocationOutcome.Offline, (await ResultOfAsync(second)).Outcome);
        Assert.Equal(InvocationOutcome.Offline, (await ResultOfAsync(third)).Outcome);
    }

    [Fact]
    public async Task Invocation_BeyondWhatMayWaitAtAGateway_IsRefused_UntilOneHasEnded()
    {
        var devices = new List<EdgeClient>();
        var calls = new List<Task<Reply<InvocationResult>>>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            devices.Add(await EdgeClient.ConnectAsync(_edge, name));
            calls.Add(InvokeAsync(name));
            await RequestAsync(devices[^1]);
        }

        var last = await EdgeClient.ConnectAsync(_edge, "d");
        await RefusedAsync(InvokeAsync("d"), RefusalCode.ResourceExhausted, "3 calls wait for devices at the gateway of anonymous/d.");

        devices[0].Abort();
        await ResultOfAsync(calls[0]);
        var call = InvokeAsync("d");
        await RequestAsync(last);
        foreach (var device in devices.Append(last))
        {
            device.Abort();
        }

        Assert.Equal(InvocationOutcome.Offline, (await ResultOfAsync(call)).Outcome);
        await Patience.UntilAsync(() => _waiting.Value == 0, "nothing waits");
    }

    [Fact]
    public async Task Invocation_WhoseCallerHasGone_LeavesNothing()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5);
        using var caller = new CancellationTokenSource();
        var call = InvokeAsync("d", cancellationToken: caller.Token);
        var request = await RequestAsync(device);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTimeAsync());
        await Patience.UntilAsync(() => _waiting.Value == 0, "the gateway does not wait any more");
        Assert.Equal(0, _edge.Time.TimersDueIn(Timeout));
        await AnswerLateAsync(device, V5, IdOf(request));
    }

    // [MQTT-3.1.2-24]
    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    public async Task Invocation_LargerThanTheDeviceTakes_IsRefused(QoS qos)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5, maximumPacketSize: 200);
        await RefusedAsync(
            InvokeAsync("d", new string('x', 200), qos), RefusalCode.FailedPrecondition, "The request is larger than anonymous/d takes (Maximum Packet Size 200).");
        Assert.Empty(device.Messages);
        Assert.Equal(0, _waiting.Value);
    }

    [Fact]
    public async Task Invocation_OfADeviceWhoseWindowIsFull_IsRefused_UntilItAcknowledges()
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5, receiveMaximum: 1);
        var first = InvokeAsync("d", qos: QoS.AtLeastOnce);
        var request = await RequestAsync(device);
        await RefusedAsync(InvokeAsync("d", qos: QoS.AtLeastOnce), RefusalCode.ResourceExhausted, "anonymous/d does not take what it has been sent before.");
        device.Acknowledge(request);
        var second = InvokeAsync("d", qos: QoS.AtLeastOnce);
        await RequestAsync(device, count: 2);
        device.Abort();
        await ResultOfAsync(first);
        await ResultOfAsync(second);
    }

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    public async Task Invocation_OfASlowDevice_IsRefused_AndTakesNothingOfItsWindow(QoS qos)
    {
        var device = await EdgeClient.ConnectAsync(_edge, "d", V5, receiveMaximum: 1);
        device.Outcome = SendOutcome.Full;
        await RefusedAsync(InvokeAsync("d", qos: qos), RefusalCode.ResourceExhausted, "anonymous/d does not take what it has been sent before.");
        device.Outcome = SendOutcome.Sent;
        var call = InvokeAsync("d", qos: QoS.AtLeastOnce);
        var request = await RequestAsync(device);
        device.Publish(ResponseTopic("d", IdOf(request)), "", QoS.AtMostOnce);
        await SuccessOfAsync(call);
    }

    private static string RequestTopic(string deviceName, string requestId) => $"/sys/anonymous/{deviceName}/rrpc/request/{requestId}";

    private static string ResponseTopic(string deviceName, string requestId) => $"/sys/anonymous/{deviceName}/rrpc/response/{requestId}";

    private static string IdOf(SentPublish request) => request.Topic[(request.Topic.LastIndexOf('/') + 1)..];

    private static string TextOf(InvocationResult result) => Encoding.UTF8.GetString(result.Payload.Span);

    private static byte[] Correlation(string requestId) => [(byte)PropertyId.CorrelationData, 0, (byte)requestId.Length, .. Encoding.UTF8.GetBytes(requestId)];

    private static void Acknowledge(EdgeClient device, SentPublish request)
    {
        if (request.QoS == QoS.AtLeastOnce)
        {
            device.Acknowledge(request);
        }
    }

    private static async Task<SentPublish> RequestAsync(EdgeClient device, int count = 1) => (await device.ReceiveAsync(count))[^1];

    private static async Task<InvocationResult> ResultOfAsync(Task<Reply<InvocationResult>> call)
    {
        var reply = await call.InTimeAsync();
        Assert.Null(reply.Refusal);
        return reply.Value!;
    }

    private static async Task<InvocationResult> SuccessOfAsync(Task<Reply<InvocationResult>> call)
    {
        var result = await ResultOfAsync(call);
        Assert.Equal(InvocationOutcome.Success, result.Outcome);
        return result;
    }

    private static async Task RefusedAsync(Task<Reply<InvocationResult>> call, RefusalCode code, string message)
    {
        var reply = await call.InTimeAsync();
        Assert.Equal((code, message), (reply.Refusal?.Code, reply.Refusal?.Message));
    }

    /// <summary>What the device is subscribed to and would have come has not: something sent behind it has.</summary>
    private static async Task NothingCameAsync(EdgeClient device, ProtocolVersion version, int before)
    {
        var topic = $"/anonymous/d/{version}";
        await device.SubscribeAsync(topic);
        device.Publish(topic, "behind it", QoS.AtMostOnce);
        Assert.Equal("behind it", (await device.ReceiveAsync(before + 1))[^1].Payload);
    }

    private async Task AnswerLateAsync(EdgeClient device, ProtocolVersion version, string requestId, int late = 1)
    {
        var reason = await device.PublishAsync(ResponseTopic("d", requestId), "late");
        Assert.Equal(version == V5 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success, reason);
        Assert.Equal(late, _late.Value);
    }

    private IDeviceGrain GrainOf(string deviceName) => _edge.Host.Engine.GetGrain<IDeviceGrain>(new DeviceId(LoginReader.AnonymousProduct, deviceName).GrainKey);

    private Task<Reply<InvocationResult>> InvokeAsync(
        string deviceName, string payload = "ask", QoS qos = QoS.AtMostOnce, byte[]? properties = null, CancellationToken cancellationToken = default) =>
        GrainOf(deviceName).InvokeAsync(new InvokeDevice(Encoding.UTF8.GetBytes(payload), (int)qos, Timeout, properties), cancellationToken);
}
