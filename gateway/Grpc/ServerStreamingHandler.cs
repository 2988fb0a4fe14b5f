using Google.Protobuf;

namespace IotPlatform.Grpc;

/// <summary>Answers one request with a stream that ends when the task does.</summary>
internal delegate Task ServerStreamingHandler<in TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responses, CallContext context)
    where TResponse : IMessage;
