using Google.Protobuf;
using Google.Protobuf.Reflection;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>A stream of requests and a stream of responses, each at its own pace.</summary>
internal sealed class BidirectionalMethod<TRequest, TResponse>(MethodDescriptor descriptor, BidirectionalHandler<TRequest, TResponse> handler)
    : GrpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly MessageParser<TRequest> _parser = (MessageParser<TRequest>)descriptor.InputType.Parser;

    /// <inheritdoc/>
    public override Task RunAsync(MessageReader requests, MessageWriter responses, CallContext context)
    {
        var stream = requests.ReadAllAsync(_parser, context.CancellationToken);
        return handler(stream, new ServerStreamWriter<TResponse>(responses), context);
    }
}
