using System.Buffers;

namespace IotPlatform.Transport;

/// <summary>Bytes that the socket would not take yet, in a buffer that is rented only while there are any.</summary>
internal sealed class PendingBytes
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public PendingBytes()
    {
    }

    public PendingBytes(ReadOnlySpan<byte> first)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(first.Length);
        first.CopyTo(_buffer);
        _end = first.Length;
    }

    public int Length => _end - _start;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(_start, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_end + bytes.Length > _buffer.Length)
        {
            MoveTo(ArrayPool<byte>.Shared.Rent(Math.Max(Length + bytes.Length, 2 * Length)));
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    public void Advance(int count) => _start += count;

    public void Return()
    {
        ReturnBuffer();
        _buffer = [];
        (_start, _end) = (0, 0);
    }

    private void MoveTo(byte[] larger)
    {
        Bytes.Span.CopyTo(larger);
        ReturnBuffer();
        (_start, _end, _buffer) = (0, Length, larger);
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
