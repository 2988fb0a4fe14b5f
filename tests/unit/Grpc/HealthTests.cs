using System.Net;
using IotPlatform.Grpc;
using IotPlatform.Protos.Health.V1;
using ServingStatus = IotPlatform.Protos.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class HealthTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly (string, string) NoKey = ("authorization", "");

    [Fact]
    public async Task Check_WithoutAKey_TellsTheStatus()
    {
        await using var server = await ToyServer.StartAsync();
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(server, ""));

        server.Health.Set("", isServing: true);
        server.Health.Set("iot.v1.Messaging", isServing: false);

        Assert.Equal(ServingStatus.Serving, await CheckAsync(server, ""));
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(server, "iot.v1.Messaging"));
        Assert.Equal(HttpStatusCode.OK, (await server.Rest.GetAsync("/readyz")).StatusCode);
    }

    [Fact]
    public async Task Check_OfAnUnknownService_IsNotFound()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync("grpc.health.v1.Health/Check", new HealthCheckRequest { Service = "nobody" }, NoKey);

        Assert.Equal(StatusCode.NotFound, reply.Status);
    }

    [Fact]
    public async Task Watch_OfAService_TellsEveryChangeAndTheEnd()
    {
        await using var server = await ToyServer.StartAsync();
        await using var watch = await server.Grpc.OpenAsync("grpc.health.v1.Health/Watch", NoKey);
        await watch.WriteAsync(new HealthCheckRequest { Service = "late" });
        await watch.EndAsync();

        Assert.Equal(ServingStatus.ServiceUnknown, await ReadAsync(watch));
        server.Health.Set("late", isServing: true);
        Assert.Equal(ServingStatus.Serving, await ReadAsync(watch));
        server.Health.Set("other", isServing: true);
        server.Health.Set("late", isServing: false);
        Assert.Equal(ServingStatus.NotServing, await ReadAsync(watch));

        server.Health.Stop();
        Assert.Null(await ReadAsync(watch));
        Assert.Equal(StatusCode.Unavailable, watch.Reply.Status);
    }

    [Fact]
    public async Task Host_ThatStops_EndsItsWatches()
    {
        await using var server = await ToyServer.StartAsync();
        server.Health.Set("", isServing: true);
        await using var watch = await server.Grpc.OpenAsync("grpc.health.v1.Health/Watch", NoKey);
        await watch.WriteAsync(new HealthCheckRequest());
        await watch.EndAsync();
        Assert.Equal(ServingStatus.Serving, await ReadAsync(watch));

        var stopping = server.StopAsync();

        Assert.Equal(ServingStatus.NotServing, await ReadAsync(watch));
        Assert.Null(await ReadAsync(watch));
        await stopping.WaitAsync(Patience);
    }

    private static async Task<ServingStatus> CheckAsync(ToyServer server, string service)
    {
        var reply = await server.Grpc.CallAsync("grpc.health.v1.Health/Check", new HealthCheckRequest { Service = service }, NoKey);
        return HealthCheckResponse.Parser.ParseFrom(reply.Frames().Single().Payload).Status;
    }

    private static async Task<ServingStatus?> ReadAsync(GrpcStream watch) =>
        await watch.ReadPayloadAsync().WaitAsync(Patience) is { } payload ? HealthCheckResponse.Parser.ParseFrom(payload).Status : null;
}
