using Google.Protobuf;

namespace IotPlatform.Grpc;

/// <summary>Sends the messages of a stream. One operation at a time.</summary>
/// <remarks>
/// All operations throw an <see cref="OperationCanceledException"/> when the call is over (cancelled, or past its deadline), and an
/// <see cref="InvalidOperationException"/> when the operation before has not completed.
/// </remarks>
internal interface IServerStreamWriter<in TResponse>
    where TResponse : IMessage
{
    /// <summary>Sends the response headers now; otherwise they leave with the first message.</summary>
    ValueTask StartAsync();

    /// <summary>
    /// Sends a message; completes once the connection has room again, so that a handler that awaits it never gets more than the
    /// connection's response buffer ahead of a slow caller.
    /// </summary>
    ValueTask WriteAsync(TResponse message);

    /// <summary>Sends messages together, in their order and in as few packets as they fit into; completes as <see cref="WriteAsync"/> does.</summary>
    ValueTask WriteAllAsync(IReadOnlyList<TResponse> messages);
}
