using Google.Protobuf;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>A handler's end of the stream of responses.</summary>
internal sealed class ServerStreamWriter<TResponse>(MessageWriter responses) : IServerStreamWriter<TResponse>
    where TResponse : IMessage
{
    /// <inheritdoc/>
    public ValueTask StartAsync() => responses.StartAsync();

    /// <inheritdoc/>
    public ValueTask WriteAsync(TResponse message) => responses.WriteAndFlushAsync(message);

    /// <inheritdoc/>
    public ValueTask WriteAllAsync(IReadOnlyList<TResponse> messages) => responses.WriteAndFlushAllAsync(messages);
}
