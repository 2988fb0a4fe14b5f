using Google.Protobuf;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class StreamingCallTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task ServerStreaming_Answered_GivesEveryMessageInOrder()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync("iot.toy.v1.Toy/Count", new EchoRequest { Number = 1000 });

        Assert.Equal(Enumerable.Range(1, 1000), reply.Messages.Select(message => message.Number));
        Assert.Equal("0", reply.Trailer("grpc-status"));
    }

    [Fact]
    public async Task ServerStreaming_WithoutMessages_IsASuccess()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync("iot.toy.v1.Toy/Count", new EchoRequest());

        Assert.Equal(StatusCode.OK, reply.Status);
        Assert.Empty(reply.Messages);
    }

    [Fact]
    public async Task ServerStreaming_RefusedAfterAMessage_HasTheStatusInTrailers()
    {
        var service = new ToyService
        {
            OnCount = async (request, responses, _) =>
            {
                await responses.WriteAsync(request);
                throw new RpcException(StatusCode.DataLoss, "half");
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync("iot.toy.v1.Toy/Count", new EchoRequest());

        Assert.Single(reply.Messages);
        Assert.False(reply.IsTrailersOnly);
        Assert.Equal((StatusCode.DataLoss, "half"), (reply.Status, reply.Message));
    }

    [Fact]
    public async Task ServerStreaming_ToACallerThatDoesNotRead_WaitsInsteadOfBuffering()
    {
        var written = 0;
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnCount = async (request, responses, _) =>
            {
                for (; written < request.Number; written++)
                {
                    var write = responses.WriteAsync(request);
                    if (!write.IsCompleted)
                    {
                        blocked.TrySetResult();
                    }

                    await write;
                }
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Count");
        await call.WriteAsync(new EchoRequest { Number = 64, Content = ByteString.CopyFrom(new byte[1024 * 1024]) });
        await call.EndAsync();

        await blocked.Task.WaitAsync(Patience);
        Assert.True(written < 64);

        var received = 0;
        while (await call.ReadAsync().WaitAsync(Patience) is not null)
        {
            received++;
        }

        Assert.Equal(64, received);
    }

    [Fact]
    public async Task ServerStreaming_WithTwoWritesAtOnce_RefusesTheSecond()
    {
        var service = new ToyService
        {
            OnCount = async (request, responses, _) =>
            {
                var first = responses.WriteAsync(new EchoRequest { Content = ByteString.CopyFrom(new byte[3 * 1024 * 1024]) });
                Assert.False(first.IsCompleted);
                await Assert.ThrowsAsync<InvalidOperationException>(async () => await responses.WriteAsync(request));
                await first;
                await responses.WriteAsync(new EchoRequest { Text = "still alive" });
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Count");
        await call.WriteAsync(new EchoRequest());
        await call.EndAsync();

        Assert.NotNull(await call.ReadAsync().WaitAsync(Patience));
        Assert.Equal("still alive", (await call.ReadAsync().WaitAsync(Patience))!.Text);
    }

    [Fact]
    public async Task ServerStreaming_OfMessagesTogether_GivesEachInOrder()
    {
        var service = new ToyService
        {
            OnCount = async (request, responses, _) =>
            {
                await responses.WriteAllAsync([.. Enumerable.Range(1, request.Number).Select(static number => new EchoRequest { Number = number })]);
                await responses.WriteAllAsync([]);
                await responses.WriteAsync(request);
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync("iot.toy.v1.Toy/Count", new EchoRequest { Number = 100 });

        Assert.Equal([.. Enumerable.Range(1, 100), 100], reply.Messages.Select(static message => message.Number));
        Assert.Equal("0", reply.Trailer("grpc-status"));
    }

    [Fact]
    public async Task ClientStreaming_Ended_IsAnsweredOnce()
    {
        await using var server = await ToyServer.StartAsync();
        byte[] body = [.. Enumerable.Range(1, 100).SelectMany(number => GrpcFrames.Frame(new EchoRequest { Number = number }))];

        var reply = await server.Grpc.SendAsync("iot.toy.v1.Toy/Sum", body);

        Assert.Equal(5050, Assert.Single(reply.Messages).Number);
        Assert.Equal(StatusCode.OK, reply.Status);
    }

    [Fact]
    public async Task ClientStreaming_WithoutMessages_IsAnswered()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.SendAsync("iot.toy.v1.Toy/Sum", []);

        Assert.Equal(0, Assert.Single(reply.Messages).Number);
    }

    [Fact]
    public async Task ClientStreaming_ThatEndsWithinAMessage_IsInternal()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.SendAsync("iot.toy.v1.Toy/Sum", [.. GrpcFrames.Frame(new EchoRequest { Number = 1 }), 0, 0]);

        Assert.Equal(StatusCode.Internal, reply.Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Bidirectional_WithOpenStreams_AnswersEachMessageAsItComes()
    {
        await using var server = await ToyServer.StartAsync();
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Chat");

        for (var number = 1; number <= 10; number++)
        {
            await call.WriteAsync(new EchoRequest { Number = number });
            Assert.Equal(number, (await call.ReadAsync().WaitAsync(Patience))!.Number);
        }

        await call.EndAsync();
        Assert.Null(await call.ReadAsync().WaitAsync(Patience));
        Assert.Equal("0", call.Reply.Trailer("grpc-status"));
    }

    [Fact]
    public async Task Bidirectional_WhoseHandlerEndsFirst_IsOver()
    {
        var service = new ToyService { OnChat = (_, _, _) => Task.CompletedTask };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Chat");

        Assert.Null(await call.ReadAsync().WaitAsync(Patience));
        Assert.Equal(StatusCode.OK, call.Reply.Status);
    }

    [Fact]
    public async Task Bidirectional_Started_HasItsHeadersBeforeAnyMessage()
    {
        var service = new ToyService
        {
            OnChat = async (requests, responses, context) =>
            {
                context.ResponseHeaders.Add("y-early", "yes");
                await responses.StartAsync();
                await foreach (var request in requests)
                {
                    await responses.WriteAsync(request);
                }
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Chat");

        var first = call.ReadAsync();
        await call.WhenOpenedAsync().WaitAsync(Patience);
        Assert.Equal("yes", call.Reply.Header("y-early"));
        Assert.False(first.IsCompleted);

        await call.EndAsync();
        Assert.Null(await first.WaitAsync(Patience));
    }
}
