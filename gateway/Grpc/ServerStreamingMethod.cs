using Google.Protobuf;
using Google.Protobuf.Reflection;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>One request, a stream of responses.</summary>
internal sealed class ServerStreamingMethod<TRequest, TResponse>(MethodDescriptor descriptor, ServerStreamingHandler<TRequest, TResponse> handler)
    : GrpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly MessageParser<TRequest> _parser = (MessageParser<TRequest>)descriptor.InputType.Parser;

    /// <inheritdoc/>
    public override async Task RunAsync(MessageReader requests, MessageWriter responses, CallContext context)
    {
        var request = await requests.ReadSingleAsync(_parser, context.CancellationToken);
        await handler(request, new ServerStreamWriter<TResponse>(responses), context);
    }
}
