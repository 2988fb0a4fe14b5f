using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>A service with every kind of call; a test may put its own handler of Echo in place.</summary>
internal sealed class ToyService
{
    public UnaryHandler<EchoRequest, EchoRequest> OnEcho { get; set; } = (request, _) => Task.FromResult(request);

    public ServerStreamingHandler<EchoRequest, EchoRequest> OnCount { get; set; } = CountAsync;

    public BidirectionalHandler<EchoRequest, EchoRequest> OnChat { get; set; } = ChatAsync;

    public GrpcServiceDefinition Define() => GrpcServiceDefinition.For(ToyReflection.Descriptor.Services[0])
        .Unary<EchoRequest, EchoRequest>("Echo", (request, context) => OnEcho(request, context))
        .ServerStreaming<EchoRequest, EchoRequest>("Count", (request, responses, context) => OnCount(request, responses, context))
        .ClientStreaming<EchoRequest, EchoRequest>("Sum", SumAsync)
        .Bidirectional<EchoRequest, EchoRequest>("Chat", (requests, responses, context) => OnChat(requests, responses, context))
        .Unimplemented("Skipped")
        .Build();

    private static async Task CountAsync(EchoRequest request, IServerStreamWriter<EchoRequest> responses, CallContext context)
    {
        for (var number = 1; number <= request.Number; number++)
        {
            await responses.WriteAsync(new EchoRequest { Number = number });
        }
    }

    private static async Task<EchoRequest> SumAsync(IAsyncEnumerable<EchoRequest> requests, CallContext context)
    {
        var sum = new EchoRequest();
        await foreach (var request in requests)
        {
            sum.Number += request.Number;
        }

        return sum;
    }

    private static async Task ChatAsync(IAsyncEnumerable<EchoRequest> requests, IServerStreamWriter<EchoRequest> responses, CallContext context)
    {
        await foreach (var request in requests)
        {
            await responses.WriteAsync(request);
        }
    }
}
