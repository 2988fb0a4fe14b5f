namespace IotPlatform.Grpc;

/// <summary>Answers a stream, which can be enumerated once, with one response.</summary>
internal delegate Task<TResponse> ClientStreamingHandler<in TRequest, TResponse>(IAsyncEnumerable<TRequest> requests, CallContext context);
