using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Testkit;
using Code = IotPlatform.Protos.V1.SendError.Types.Code;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>Many messages over one call.</summary>
public sealed class MessageStreamTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Stream_OfGoodAndBadMessages_ReachesTheDevice_AndAnswersEach()
    {
        var device = await Api.CreateDeviceAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        await using var stream = await MessageStream.OpenAsync(gateway.Process);

        await stream.SendAsync(1, MessageStream.To(device, "good", "m1"));
        await stream.SendAsync(ulong.MaxValue, MessageStream.To(device, "bad", "not an id"));
        await stream.SendAsync(3, MessageStream.To(device with { Name = "nobody" }));
        await stream.SendAsync(4, null);
        await stream.SendAsync(5, MessageStream.To(device, new string('x', (256 * 1024) + 1)));
        await stream.SendAsync(6, MessageStream.To(device, "good again"));
        await stream.EndAsync();
        var answers = await stream.ReadAsync(6);

        Assert.Null(await stream.ReadAsync());
        Assert.Equal(StatusCode.OK, stream.Status);
        Assert.Equal(("m1", device.Name, 0), (answers[1].Message.MessageId, answers[1].Message.DeviceName, answers[1].Message.Payload.Length));
        Assert.Equal(Code.InvalidArgument, answers[ulong.MaxValue].Error.Code);
        Assert.Equal(Code.NotFound, answers[3].Error.Code);
        Assert.Equal(Code.InvalidArgument, answers[4].Error.Code);
        Assert.Equal(Code.InvalidArgument, answers[5].Error.Code);
        Assert.Equal("good", (await client.ReceiveAsync("the first message")).Text);
        Assert.Equal("good again", (await client.ReceiveAsync("the message behind the bad ones")).Text);
        await Api.UntilMessageIsAsync(device, answers[6].Message.MessageId, "DELIVERED");
    }

    [Fact]
    public async Task Stream_OfMoreThanMayBeUnderWay_LosesNothing()
    {
        const int count = 10_000;
        var devices = await Api.CreateDevicesAsync(100);
        await using var stream = await MessageStream.OpenAsync(gateway.Process);

        var sending = SendAllAsync();
        var answers = await stream.ReadAsync(count);
        await sending;

        Assert.All(answers.Values, static answer => Assert.NotNull(answer.Message));
        Assert.Equal(count, answers.Values.Select(static answer => (answer.Message.DeviceName, answer.Message.MessageId)).Distinct().Count());
        Assert.Null(await stream.ReadAsync());
        Assert.Equal(StatusCode.OK, stream.Status);

        async Task SendAllAsync()
        {
            for (var i = 0; i < count; i++)
            {
                await stream.SendAsync((ulong)i, MessageStream.To(devices[i % devices.Length]));
            }

            await stream.EndAsync();
        }
    }

    [Fact]
    public async Task CallerThatGoes_LeavesTheGatewayAsItWas()
    {
        var device = await Api.CreateDeviceAsync();
        await using (var stream = await MessageStream.OpenAsync(gateway.Process))
        {
            await stream.SendAsync(1, MessageStream.To(device, messageId: "before"));
            await stream.ReadAsync(1);
            for (var i = 0; i < 100; i++)
            {
                await stream.SendAsync(2, MessageStream.To(device));
            }

            await stream.ResetAsync();
        }

        await using var again = await MessageStream.OpenAsync(gateway.Process);
        await again.SendAsync(1, MessageStream.To(device, messageId: "before"));
        Assert.Equal("before", (await again.ReadAsync(1))[1].Message.MessageId);
        Assert.DoesNotContain("failed without a status", gateway.Process.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestThatIsNone_EndsTheStream_OnceTheOthersAreAnswered()
    {
        var device = await Api.CreateDeviceAsync();
        await using var stream = await MessageStream.OpenAsync(gateway.Process);
        await stream.SendAsync(1, MessageStream.To(device));

        // Field 0 is none.
        await stream.SendRawAsync([0, 0, 0, 0, 1, 0]);

        Assert.NotNull((await stream.ReadAsync(1))[1].Message);
        Assert.Null(await stream.ReadAsync());
        Assert.Equal(StatusCode.Internal, stream.Status);
    }

    [Fact]
    public async Task GatewayThatStops_AnswersWhatItHasRead_AndEndsTheStream()
    {
        await using var own = await GatewayProcess.StartAsync();
        var device = await own.Api.CreateDeviceAsync();
        await using var stream = await MessageStream.OpenAsync(own);
        await stream.SendAsync(1, MessageStream.To(device));
        await stream.ReadAsync(1);

        // The stream stays open: it must not hold the gateway up.
        var stopping = own.StopAsync(TimeSpan.FromSeconds(10));

        Assert.Null(await stream.ReadAsync());
        Assert.Equal(StatusCode.Unavailable, stream.Status);
        Assert.Equal(0, await stopping);
    }
}
