using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>Collects the small answers to one batch of packets, so that they leave in one send.</summary>
internal ref struct ResponseBuffer(IConnection connection, Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    /// <summary>Room for an answer of at most so many bytes; tell with <see cref="Advance"/> how many it has.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Flush();
        }

        return _buffer[_length..];
    }

    public void Advance(int bytes) => _length += bytes;

    public void Write(ReadOnlySpan<byte> packet)
    {
        if (packet.Length > _buffer.Length)
        {
            Flush();
            Send(packet);
            return;
        }

        packet.CopyTo(Reserve(packet.Length));
        Advance(packet.Length);
    }

    /// <summary>The connection was too full for an answer that the client waits for: it must not go on.</summary>
    public bool IsLost { get; private set; }

    public void Flush()
    {
        if (_length > 0)
        {
            Send(_buffer[.._length]);
            _length = 0;
        }
    }

    private void Send(ReadOnlySpan<byte> packet) => IsLost |= connection.Send(packet) == SendOutcome.Full;
}
