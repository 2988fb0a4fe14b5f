using Google.Protobuf;

namespace IotPlatform.Grpc;

/// <summary>Answers a stream, which can be enumerated once, with a stream that ends when the task does.</summary>
internal delegate Task BidirectionalHandler<in TRequest, TResponse>(
    IAsyncEnumerable<TRequest> requests, IServerStreamWriter<TResponse> responses, CallContext context)
    where TResponse : IMessage;
