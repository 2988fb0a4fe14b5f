using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.E2e.Tests.Grpc;

/// <summary>The gRPC server and <c>@grpc/grpc-js</c>: each scenario is a function of <c>grpc-js.js</c>, which asserts what the client sees.</summary>
public sealed class GrpcJsTests
{
    [SkippableTheory]
    [InlineData("unary")]
    [InlineData("manyAtOnce")]
    [InlineData("metadata")]
    [InlineData("serverStreaming")]
    [InlineData("clientStreaming")]
    [InlineData("bidirectional")]
    [InlineData("refusal")]
    [InlineData("unauthenticated")]
    [InlineData("unimplemented")]
    [InlineData("deadline")]
    [InlineData("cancellation")]
    [InlineData("limit")]
    [InlineData("gzip")]
    [InlineData("health")]
    [InlineData("reflection")]
    public async Task GrpcJs_InAScenario_SeesWhatTheProtocolSays(string scenario)
    {
        var whyNot = NodeClients.WhyNot("@grpc/grpc-js") ?? NodeClients.WhyNot("@grpc/proto-loader");
        Skip.If(whyNot is not null, whyNot);
        await using var server = await ToyServer.StartAsync(Service());
        server.Health.Set("", isServing: true);

        var (exitCode, output) = await NodeClients.RunAsync("tests/e2e/Grpc/grpc-js.js", scenario, server.GrpcAddress.Authority, NodeClients.Root, OneKeyVerifier.Key);

        Assert.True(exitCode == 0, $"{scenario}: {output}");
        Assert.Equal("passed", output.Trim());
        Assert.Empty(server.Log.Errors);
    }

    // Requests of the number -1 are refused, of -2 never answered; the others are echoed with the caller's metadata.
    private static ToyService Service() => new()
    {
        OnEcho = async (request, context) =>
        {
            if (request.Number == -1)
            {
                throw new IotPlatform.Grpc.RpcException(IotPlatform.Grpc.StatusCode.FailedPrecondition, "„100%“ full");
            }

            if (request.Number == -2)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
            }

            if (context.RequestHeaders.TryGetBytes("x-data-bin", out var data))
            {
                context.ResponseHeaders.Add("y-data-bin", data);
                context.ResponseTrailers.Add("y-text", "trailing");
            }

            return request;
        },
    };
}
