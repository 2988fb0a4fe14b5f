using Google.Protobuf;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class DeadlineTests
{
    private const string Echo = "iot.toy.v1.Toy/Echo";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Deadline_WhenItPasses_FiresTheTokenAndIsAnswered()
    {
        var service = new ToyService { OnEcho = WaitForTokenAsync };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("grpc-timeout", "20m"));

        Assert.Equal(StatusCode.DeadlineExceeded, reply.Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Deadline_WhenTheHandlerIgnoresIt_IsAnsweredBeforeTheHandlerEnds()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnEcho = async (request, _) =>
            {
                await release.Task;
                return request;
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("grpc-timeout", "20m")).WaitAsync(Patience);

        Assert.False(release.Task.IsCompleted);
        Assert.Equal(StatusCode.DeadlineExceeded, reply.Status);
        release.SetResult();
    }

    [Fact]
    public async Task Deadline_WithinAStream_EndsItAfterTheMessagesThatWereSent()
    {
        var service = new ToyService
        {
            OnCount = async (request, responses, context) =>
            {
                await responses.WriteAsync(request);
                await WaitForTokenAsync(request, context);
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync("iot.toy.v1.Toy/Count", new EchoRequest(), ("grpc-timeout", "1S")).WaitAsync(Patience);

        Assert.Single(reply.Messages);
        Assert.Equal(StatusCode.DeadlineExceeded, reply.Status);
    }

    [Fact]
    public async Task Deadline_WhileAWriteWaitsForTheCaller_EndsTheWriteAndTheStream()
    {
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnCount = async (_, responses, _) =>
            {
                var large = new EchoRequest { Content = ByteString.CopyFrom(new byte[1024 * 1024]) };
                var thrown = await Record.ExceptionAsync(async () =>
                {
                    while (true)
                    {
                        await responses.WriteAsync(large);
                    }
                });
                ended.SetResult(thrown);
                throw thrown!;
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Count", ("grpc-timeout", "1S"));
        await call.WriteAsync(new EchoRequest());
        await call.EndAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await ended.Task.WaitAsync(Patience));
        while (await call.ReadAsync().WaitAsync(Patience) is { } message)
        {
            Assert.Equal(1024 * 1024, message.Content.Length);
        }

        Assert.Equal(StatusCode.DeadlineExceeded, call.Reply.Status);
    }

    [Fact]
    public async Task Deadline_WhileTheRequestIsOpen_EndsTheCall()
    {
        await using var server = await ToyServer.StartAsync();
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Sum", ("grpc-timeout", "50m"));

        Assert.Null(await call.ReadAsync().WaitAsync(Patience));
        Assert.Equal(StatusCode.DeadlineExceeded, call.Reply.Status);
    }

    [Fact]
    public async Task Deadline_ThatHasPassed_DoesNotReachTheHandler()
    {
        var isReached = false;
        var service = new ToyService
        {
            OnEcho = (request, _) =>
            {
                isReached = true;
                return Task.FromResult(request);
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("grpc-timeout", "0n"));

        Assert.Equal(StatusCode.DeadlineExceeded, reply.Status);
        Assert.False(isReached);
    }

    [Theory]
    [InlineData("1H")]
    [InlineData("99999999H")]
    public async Task Deadline_FarAway_IsToldToTheHandler(string timeout)
    {
        DateTimeOffset? deadline = null;
        var service = new ToyService
        {
            OnEcho = (request, context) =>
            {
                deadline = context.Deadline;
                return Task.FromResult(request);
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        var before = TimeProvider.System.GetUtcNow();

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("grpc-timeout", timeout));

        Assert.Equal(StatusCode.OK, reply.Status);
        Assert.True(deadline >= before + TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Deadline_Malformed_IsInternal()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("grpc-timeout", "soon"));

        Assert.Equal(StatusCode.Internal, reply.Status);
    }

    private static async Task<EchoRequest> WaitForTokenAsync(EchoRequest request, CallContext context)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        return request;
    }
}
