using System.Buffers.Binary;

namespace IotPlatform.Bench.Http2;

/// <summary>Puts the messages of a stream together from the parts in which they come. Each is: compressed (1 byte), length (4), message.</summary>
internal sealed class GrpcMessages
{
    public const int PrefixBytes = 5;

    private byte[] _bytes = new byte[512];
    private int _begin;
    private int _end;

    /// <summary>Adds a part. What was taken before is gone.</summary>
    public void Add(ReadOnlySpan<byte> part)
    {
        _bytes.AsSpan(_begin, _end - _begin).CopyTo(_bytes);
        _end -= _begin;
        _begin = 0;
        if (_bytes.Length < _end + part.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _end + part.Length));
        }

        part.CopyTo(_bytes.AsSpan(_end));
        _end += part.Length;
    }

    /// <summary>Takes the next message; false when it is not whole yet. It is valid until the next <see cref="Add"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> message)
    {
        message = default;
        var bytes = _bytes.AsSpan(_begin, _end - _begin);
        if (bytes.Length < PrefixBytes)
        {
            return false;
        }

        if (bytes[0] != 0)
        {
            throw new InvalidDataException("The server sent a compressed message, which nobody has asked for.");
        }

        var messageBytes = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        if (bytes.Length < PrefixBytes + messageBytes)
        {
            return false;
        }

        message = bytes.Slice(PrefixBytes, messageBytes);
        _begin += PrefixBytes + messageBytes;
        return true;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _begin = _end = 0;
}
