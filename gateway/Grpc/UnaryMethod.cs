using Google.Protobuf;
using Google.Protobuf.Reflection;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>One request, one response.</summary>
internal sealed class UnaryMethod<TRequest, TResponse>(MethodDescriptor descriptor, UnaryHandler<TRequest, TResponse> handler)
    : GrpcMethod(descriptor), IUnaryMethod
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly MessageParser<TRequest> _parser = (MessageParser<TRequest>)descriptor.InputType.Parser;

    /// <inheritdoc/>
    public override async Task RunAsync(MessageReader requests, MessageWriter responses, CallContext context)
    {
        var request = await requests.ReadSingleAsync(_parser, context.CancellationToken);
        responses.Write(await handler(request, context));
    }

    /// <inheritdoc/>
    public async Task<IMessage> InvokeAsync(IMessage request, CallContext context) => await handler((TRequest)request, context);
}
