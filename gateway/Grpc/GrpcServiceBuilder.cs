using Google.Protobuf;
using Google.Protobuf.Reflection;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace IotPlatform.Grpc;

/// <summary>
/// Binds the methods of a service to handlers. Everything that can be wrong (an unknown name, another kind of call, other message types, a
/// method bound twice or never) throws an <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/>: at start, not at the first call.
/// </summary>
internal sealed class GrpcServiceBuilder
{
    private readonly ServiceDescriptor _descriptor;
    private readonly Dictionary<string, GrpcMethod> _bound = [];
    private bool _isOpenToAll;

    internal GrpcServiceBuilder(ServiceDescriptor descriptor) => _descriptor = descriptor;

    /// <summary>Binds a method of one request and one response.</summary>
    public GrpcServiceBuilder Unary<TRequest, TResponse>(string method, UnaryHandler<TRequest, TResponse> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Bind(new UnaryMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, false, false), handler));

    /// <summary>Binds a method of one request and a stream of responses.</summary>
    public GrpcServiceBuilder ServerStreaming<TRequest, TResponse>(string method, ServerStreamingHandler<TRequest, TResponse> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Bind(new ServerStreamingMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, false, true), handler));

    /// <summary>Binds a method of a stream of requests and one response.</summary>
    public GrpcServiceBuilder ClientStreaming<TRequest, TResponse>(string method, ClientStreamingHandler<TRequest, TResponse> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Bind(new ClientStreamingMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, true, false), handler));

    /// <summary>Binds a method of two streams.</summary>
    public GrpcServiceBuilder Bidirectional<TRequest, TResponse>(string method, BidirectionalHandler<TRequest, TResponse> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Bind(new BidirectionalMethod<TRequest, TResponse>(Find<TRequest, TResponse>(method, true, true), handler));

    /// <summary>Leaves a method out: it answers UNIMPLEMENTED.</summary>
    public GrpcServiceBuilder Unimplemented(string method) => Bind(new UnimplementedMethod(Find(method)));

    /// <summary>Opens the service to callers without a key.</summary>
    public GrpcServiceBuilder OpenToAll()
    {
        _isOpenToAll = true;
        return this;
    }

    /// <summary>Ends binding; every method of the contract must be bound.</summary>
    public GrpcServiceDefinition Build()
    {
        var unbound = _descriptor.Methods.Where(method => !_bound.ContainsKey(method.Name)).Select(method => method.Name).ToArray();
        if (unbound.Length > 0)
        {
            throw new InvalidOperationException($"{_descriptor.FullName} has methods that nothing is bound to: {string.Join(", ", unbound)}.");
        }

        return new(_descriptor, [.. _descriptor.Methods.Select(method => _bound[method.Name])], _isOpenToAll);
    }

    private GrpcServiceBuilder Bind(GrpcMethod method)
    {
        if (!_bound.TryAdd(method.Descriptor.Name, method))
        {
            throw new ArgumentException($"{method.FullName} is bound twice.", nameof(method));
        }

        return this;
    }

    private MethodDescriptor Find<TRequest, TResponse>(string name, bool streamsRequests, bool streamsResponses)
    {
        var method = Find(name);
        if (method.IsClientStreaming != streamsRequests || method.IsServerStreaming != streamsResponses)
        {
            throw new ArgumentException($"{method.FullName} is another kind of call.", nameof(name));
        }

        if (method.InputType.ClrType != typeof(TRequest) || method.OutputType.ClrType != typeof(TResponse))
        {
            throw new ArgumentException($"{method.FullName} takes {method.InputType.FullName} and gives {method.OutputType.FullName}.", nameof(name));
        }

        return method;
    }

    private MethodDescriptor Find(string name) =>
        _descriptor.FindMethodByName(name) ?? throw new ArgumentException($"{_descriptor.FullName} has no method {name}.", nameof(name));
}
