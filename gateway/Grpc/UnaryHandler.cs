namespace IotPlatform.Grpc;

/// <summary>Answers one request with one response; refuses with an <see cref="RpcException"/>.</summary>
internal delegate Task<TResponse> UnaryHandler<in TRequest, TResponse>(TRequest request, CallContext context);
