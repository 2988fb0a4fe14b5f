using Google.Protobuf;
using Google.Protobuf.Reflection;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>A stream of requests, one response.</summary>
internal sealed class ClientStreamingMethod<TRequest, TResponse>(MethodDescriptor descriptor, ClientStreamingHandler<TRequest, TResponse> handler)
    : GrpcMethod(descriptor)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly MessageParser<TRequest> _parser = (MessageParser<TRequest>)descriptor.InputType.Parser;

    /// <inheritdoc/>
    public override async Task RunAsync(MessageReader requests, MessageWriter responses, CallContext context)
    {
        var stream = requests.ReadAllAsync(_parser, context.CancellationToken);
        responses.Write(await handler(stream, context));
    }
}
