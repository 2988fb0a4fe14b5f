using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class CancellationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(null)]
    [InlineData("1H")]
    public async Task Reset_ByTheCaller_FiresTheToken(string? timeout)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnCount = async (_, _, context) =>
            {
                started.SetResult();
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
                }
                finally
                {
                    fired.SetResult();
                }
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Count", ("grpc-timeout", timeout ?? ""));
        await call.WriteAsync(new EchoRequest());
        await call.EndAsync();
        await started.Task.WaitAsync(Patience);

        await call.ResetAsync();

        await fired.Task.WaitAsync(Patience);
        await server.StopAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Reset_WhileTheHandlerReads_EndsItsStreamWithACancellation()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnChat = async (requests, responses, context) =>
            {
                try
                {
                    await foreach (var _ in requests)
                    {
                        started.SetResult();
                    }

                    ended.SetResult(null);
                }
                catch (Exception thrown)
                {
                    ended.SetResult(thrown);
                    throw;
                }
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Chat");
        await call.WriteAsync(new EchoRequest());
        await started.Task.WaitAsync(Patience);

        await call.ResetAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await ended.Task.WaitAsync(Patience));
        await server.StopAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Write_AfterAReset_IsACancellation()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thrown = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new ToyService
        {
            OnCount = async (request, responses, context) =>
            {
                await responses.WriteAsync(request);
                using var registration = context.CancellationToken.Register(gone.SetResult);
                await gone.Task;
                thrown.SetResult(await Record.ExceptionAsync(async () => await responses.WriteAsync(request)));
            },
        };
        await using var server = await ToyServer.StartAsync(service);
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Count");
        await call.WriteAsync(new EchoRequest());
        await call.EndAsync();
        Assert.NotNull(await call.ReadAsync().WaitAsync(Patience));

        await call.ResetAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await thrown.Task.WaitAsync(Patience));
    }
}
