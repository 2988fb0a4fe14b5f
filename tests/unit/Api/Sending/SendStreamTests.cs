using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Hosting;
using IotPlatform.Unit.Tests.Time;
using Code = IotPlatform.Protos.V1.SendError.Types.Code;

namespace IotPlatform.Unit.Tests.Api.Sending;

/// <summary>One stream of messages.</summary>
public sealed class SendStreamTests
{
    [Fact]
    public async Task Stream_OfGoodAndBadMessages_AnswersEach_AndGoesOn()
    {
        await using var scenario = await SendScenario.StartAsync();
        var run = scenario.RunAsync();

        scenario.Send(1, SendScenario.Request("m1"));
        scenario.Send(2, SendScenario.Request("not an id"));
        scenario.Send(3, SendScenario.Request(deviceName: "nobody"));
        scenario.Send(4, null);
        var unknownProduct = SendScenario.Request();
        unknownProduct.ProductKey = "nothing";
        scenario.Send(5, unknownProduct);
        scenario.Send(6, SendScenario.Request(payload: new string('x', (256 * 1024) + 1)));
        scenario.Send(7, SendScenario.Request());
        var answers = await scenario.AnswersAsync(7);

        Assert.Equal(("m1", "d0", ""), (answers[1].Message.MessageId, answers[1].Message.DeviceName, answers[1].Message.Payload.ToStringUtf8()));
        Assert.Equal(Code.InvalidArgument, answers[2].Error.Code);
        Assert.Equal(Code.NotFound, answers[3].Error.Code);
        Assert.Equal((Code.InvalidArgument, "message must be set."), (answers[4].Error.Code, answers[4].Error.Message));
        Assert.Equal((Code.NotFound, "There is no product nothing."), (answers[5].Error.Code, answers[5].Error.Message));
        Assert.Equal(Code.InvalidArgument, answers[6].Error.Code);
        Assert.NotEmpty(answers[7].Message.MessageId);
        Assert.Equal("x", Stored(scenario, "m1"));

        // The same id with other content, behind the one that is stored.
        scenario.Send(8, SendScenario.Request("m1", payload: "other"));
        scenario.Send(9, SendScenario.Request("m1"));
        answers = await scenario.AnswersAsync(2);
        Assert.Equal(Code.AlreadyExists, answers[8].Error.Code);
        Assert.Equal("m1", answers[9].Message.MessageId);

        scenario.End();
        await run.InTimeAsync("the end of the stream");
        Assert.Empty(scenario.Log.Errors);
    }

    [Fact]
    public async Task Answers_ComeAsMessagesGetDurable_NotInTheirOrder()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 2);
        var run = scenario.RunAsync();
        scenario.Hold("first");

        scenario.Send(1, SendScenario.Request("first"));
        scenario.Send(2, SendScenario.Request("second", "d1"));
        Assert.Equal(2UL, (await scenario.AnswersAsync(1)).Single().Key);
        Assert.Equal(0, scenario.Answers.Waiting);
        scenario.Release("first");
        Assert.Equal("first", (await scenario.AnswersAsync(1))[1].Message.MessageId);

        scenario.End();
        await run.InTimeAsync("the end of the stream");
    }

    [Fact]
    public async Task Stream_WithAsManyUnderWayAsItMay_IsNotRead()
    {
        await using var scenario = await SendScenario.StartAsync(new SendOptions { UnderWayPerStreamMax = 10 }, devices: 100);
        var run = scenario.RunAsync();
        for (var i = 0; i < 100; i++)
        {
            scenario.Hold($"m{i}");
            scenario.Send((ulong)i, SendScenario.Request($"m{i}", $"d{i}"));
        }

        await Patience.UntilAsync(() => scenario.Paused == 1);
        Assert.Equal((10, 10), (scenario.Read, scenario.UnderWay));

        // Two more for two that are answered.
        scenario.Release("m3");
        scenario.Release("m7");
        Assert.Equal([3UL, 7UL], (await scenario.AnswersAsync(2)).Keys.Order());
        await Patience.UntilAsync(() => scenario.Read == 12);
        await Patience.UntilAsync(() => scenario.Paused >= 2 && scenario.UnderWay == 10);

        for (var i = 0; i < 100; i++)
        {
            if (i is not (3 or 7))
            {
                scenario.Release($"m{i}");
            }
        }

        await scenario.AnswersAsync(98);
        scenario.End();
        await run.InTimeAsync("the end of the stream");
        Assert.Equal((100, 0), (scenario.Read, scenario.UnderWay));
    }

    [Fact]
    public async Task Stream_WithAsManyBytesUnderWayAsItMay_IsNotRead()
    {
        await using var scenario = await SendScenario.StartAsync(new SendOptions { UnderWayBytesPerStreamMax = 1_000 }, devices: 4);
        var run = scenario.RunAsync();
        for (var i = 0; i < 4; i++)
        {
            scenario.Hold($"m{i}");
            scenario.Send((ulong)i, SendScenario.Request($"m{i}", $"d{i}", new string('x', 600)));
        }

        await Patience.UntilAsync(() => scenario.Paused == 1);
        Assert.Equal(2, scenario.Read);
        scenario.Release("m0");
        await Patience.UntilAsync(() => scenario.Read == 3);

        for (var i = 1; i < 4; i++)
        {
            scenario.Release($"m{i}");
        }

        await scenario.AnswersAsync(4);
        scenario.End();
        await run.InTimeAsync("the end of the stream");
    }

    [Fact]
    public async Task Stream_WhoseCallerTakesNoAnswers_IsNotReadBeyondTheBound()
    {
        await using var scenario = await SendScenario.StartAsync(new SendOptions { UnderWayPerStreamMax = 10 });
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Answers.OnWrite = () => taken.Task;
        var run = scenario.RunAsync();
        for (var i = 0; i < 30; i++)
        {
            scenario.Send((ulong)i, SendScenario.Request());
        }

        await Patience.UntilAsync(() => scenario.Paused == 1);
        await Patience.UntilAsync(() => scenario.Host.Messages.Count == 10);
        Assert.Equal((10, 10), (scenario.Read, scenario.UnderWay));

        taken.SetResult();
        await scenario.AnswersAsync(30);
        scenario.End();
        await run.InTimeAsync("the end of the stream");
    }

    [Fact]
    public async Task Answers_ThatComeWhileTheConnectionIsBusy_AreWrittenTogether()
    {
        await using var scenario = await SendScenario.StartAsync();
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Answers.OnWrite = () => taken.Task;
        var run = scenario.RunAsync();
        scenario.Send(0, SendScenario.Request());
        await Patience.UntilAsync(() => scenario.Answers.Writes.Count == 1);
        for (var i = 1; i < 100; i++)
        {
            scenario.Send((ulong)i, SendScenario.Request());
        }

        scenario.End();
        await Patience.UntilAsync(() => scenario.Host.Messages.Count == 100);
        await Patience.UntilAsync(() => scenario.UnderWay == 100);
        taken.SetResult();

        Assert.Equal(100, (await scenario.AnswersAsync(100)).Count);
        await run.InTimeAsync("the end of the stream");
        Assert.InRange(scenario.Answers.Writes.Count, 2, 10);
    }

    [Fact]
    public async Task CallerThatEndsItsSide_IsAnsweredAllThatIsUnderWay()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 2);
        var run = scenario.RunAsync();
        scenario.Hold("m0");
        scenario.Hold("m1");
        scenario.Send(0, SendScenario.Request("m0"));
        scenario.Send(1, SendScenario.Request("m1", "d1"));
        scenario.End();
        await Patience.UntilAsync(() => scenario.Read == 2);
        Assert.False(run.IsCompleted);

        scenario.Release("m0");
        await scenario.AnswersAsync(1);
        Assert.False(run.IsCompleted);
        scenario.Release("m1");
        await scenario.AnswersAsync(1);
        await run.InTimeAsync("the end of the stream");
    }

    [Fact]
    public async Task CallerThatGoes_LeavesNothingBehind()
    {
        await using var scenario = await SendScenario.StartAsync();
        var run = scenario.RunAsync();
        scenario.Hold("m0");
        scenario.Send(0, SendScenario.Request("m0"));
        await Patience.UntilAsync(() => scenario.UnderWay == 1);

        scenario.Go();
        scenario.Answers.OnWrite = static () => throw new CallerGoneException();
        Assert.False(run.IsCompleted);
        scenario.Release("m0");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.InTimeAsync("the end of the stream"));
        Assert.Equal(0, scenario.UnderWay);
        Assert.Equal("x", Stored(scenario, "m0"));
        Assert.Empty(scenario.Log.Errors);
    }

    // It may be noticed at a write before the call's token fires.
    [Fact]
    public async Task WriteThatFails_EndsTheReading()
    {
        await using var scenario = await SendScenario.StartAsync();
        scenario.Answers.OnWrite = static () => throw new CallerGoneException();
        var run = scenario.RunAsync();
        scenario.Send(0, SendScenario.Request());

        await Assert.ThrowsAsync<CallerGoneException>(() => run.InTimeAsync("the end of the stream"));
        Assert.Equal(0, scenario.UnderWay);
    }

    [Fact]
    public async Task ServerThatStops_AnswersWhatItHasRead_AndSaysSo()
    {
        await using var scenario = await SendScenario.StartAsync();
        var run = scenario.RunAsync();
        scenario.Hold("m0");
        scenario.Send(0, SendScenario.Request("m0"));
        await Patience.UntilAsync(() => scenario.UnderWay == 1);

        scenario.Stop();
        scenario.Release("m0");

        Assert.Equal("m0", (await scenario.AnswersAsync(1))[0].Message.MessageId);
        var end = await Assert.ThrowsAsync<RpcException>(() => run.InTimeAsync("the end of the stream"));
        Assert.Equal(StatusCode.Unavailable, end.StatusCode);
    }

    [Fact]
    public async Task RequestThatCanNotBeRead_EndsTheStream_OnceTheOthersAreAnswered()
    {
        await using var scenario = await SendScenario.StartAsync();
        var run = scenario.RunAsync();
        scenario.Hold("m0");
        scenario.Send(0, SendScenario.Request("m0"));
        scenario.End(new RpcException(StatusCode.Internal, "no protocol buffer"));
        await Patience.UntilAsync(() => scenario.Read == 1);
        Assert.False(run.IsCompleted);
        scenario.Release("m0");

        Assert.Equal("m0", (await scenario.AnswersAsync(1))[0].Message.MessageId);
        var end = await Assert.ThrowsAsync<RpcException>(() => run.InTimeAsync("the end of the stream"));
        Assert.Equal(StatusCode.Internal, end.StatusCode);
    }

    [Fact]
    public async Task StoreThatFails_FailsItsMessageAlone()
    {
        await using var scenario = await SendScenario.StartAsync(devices: 3);
        var run = scenario.RunAsync();
        scenario.Hold("away");
        scenario.Hold("broken");
        scenario.Send(0, SendScenario.Request("away"));
        scenario.Send(1, SendScenario.Request("broken", "d1"));
        scenario.Send(2, SendScenario.Request("fine", "d2"));
        await Patience.UntilAsync(() => scenario.Read == 3);
        scenario.Release("away", new StoreUnavailableException());
        scenario.Release("broken", new InvalidOperationException("ours"));
        scenario.End();

        var answers = await scenario.AnswersAsync(3);
        await run.InTimeAsync("the end of the stream");
        Assert.Equal(Code.Unavailable, answers[0].Error.Code);
        Assert.Equal(Code.Unknown, answers[1].Error.Code);
        Assert.DoesNotContain("ours", answers[1].Error.Message, StringComparison.Ordinal);
        Assert.Equal("fine", answers[2].Message.MessageId);
        Assert.Single(scenario.Log.Errors);
    }

    [Fact]
    public async Task MessageBeyondTheRate_IsToldWhenToComeAgain()
    {
        await using var scenario = await SendScenario.StartAsync(new SendOptions { SendsPerSecondPerProduct = 2 });
        var run = scenario.RunAsync();
        for (var i = 0; i < 3; i++)
        {
            scenario.Send((ulong)i, SendScenario.Request());
        }

        var answers = await scenario.AnswersAsync(3);
        Assert.Equal(Code.ResourceExhausted, answers[2].Error.Code);
        Assert.Equal(TimeSpan.FromMilliseconds(500), answers[2].Error.RetryAfter.ToTimeSpan());

        scenario.Host.Time.Advance(answers[2].Error.RetryAfter.ToTimeSpan());
        scenario.Send(3, SendScenario.Request());
        Assert.NotNull((await scenario.AnswersAsync(1))[3].Message);
        scenario.End();
        await run.InTimeAsync("the end of the stream");
    }

    private static string? Stored(SendScenario scenario, string messageId) =>
        scenario.Host.Messages[new DeviceId(SendScenario.ProductKey, "d0"), messageId] is { } message ? System.Text.Encoding.UTF8.GetString(message.Payload.Span) : null;
}
