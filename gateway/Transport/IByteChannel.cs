namespace IotPlatform.Transport;

/// <summary>
/// What carries the bytes of a <see cref="ChannelConnection"/>. One receives at a time, and one sends or ends; both may be under way at once. Where the
/// channel is broken, they throw what <see cref="ChannelFault.IsEnd"/> knows.
/// </summary>
internal interface IByteChannel : IDisposable
{
    /// <summary>Waits until there is something to receive, and holds no memory for it meanwhile.</summary>
    /// <returns>False when the channel is over.</returns>
    ValueTask<bool> WaitAsync();

    /// <returns>Bytes; 0 when the channel is over.</returns>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Says goodbye behind what was sent. Receiving then comes to its end.</summary>
    ValueTask EndAsync();

    /// <summary>Ends it at once: what is under way fails. May be called often and from anywhere, also after the end.</summary>
    void Abort();
}
