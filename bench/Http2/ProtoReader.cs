using System.Buffers.Binary;

namespace IotPlatform.Bench.Http2;

/// <summary>Walks over the fields of a protobuf message where it lies.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The last field's number in its message.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, if it is a varint.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value, if it is text, bytes, or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes on to the next field; false at the end.</summary>
    public bool TryRead()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                Number = ReadVarint();
                return true;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                return true;
            case 2:
                Bytes = Take((int)ReadVarint());
                return true;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                return true;
            default:
                throw new InvalidDataException("A server's answer is no protobuf message.");
        }
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var at = 0; at < 10; at++)
        {
            value |= (ulong)(_rest[at] & 0x7F) << (7 * at);
            if (_rest[at] < 0x80)
            {
                _rest = _rest[(at + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("A server's answer is no protobuf message.");
    }
}
