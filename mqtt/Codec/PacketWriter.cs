using System.Buffers.Binary;

namespace IotPlatform.Mqtt.Codec;

/// <summary>
/// A cursor that writes the fields of a packet, or only counts their bytes (see <see cref="Measuring"/>): one description of a packet gives
/// both its size and its bytes, so that the two cannot differ.
/// </summary>
public ref struct PacketWriter
{
    private readonly Span<byte> _destination;
    private readonly bool _isMeasuring;

    /// <summary>Writes to the start of the destination.</summary>
    public PacketWriter(Span<byte> destination) => _destination = destination;

    private PacketWriter(bool isMeasuring) => _isMeasuring = isMeasuring;

    /// <summary>Bytes written or counted so far.</summary>
    public int Position { get; private set; }

    /// <summary>The bytes written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[..Position];

    /// <summary>A writer that counts and writes nothing.</summary>
    public static PacketWriter Measuring() => new(isMeasuring: true);

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value)
    {
        if (!_isMeasuring)
        {
            _destination[Position] = value;
        }

        Position++;
    }

    /// <summary>Writes a big-endian two-byte integer.</summary>
    public void WriteUInt16(ushort value)
    {
        if (!_isMeasuring)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_destination[Position..], value);
        }

        Position += sizeof(ushort);
    }

    /// <summary>Writes a big-endian four-byte integer.</summary>
    public void WriteUInt32(uint value)
    {
        if (!_isMeasuring)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_destination[Position..], value);
        }

        Position += sizeof(uint);
    }

    /// <summary>Writes a variable byte integer.</summary>
    public void WriteVariableInteger(int value)
        => Position += _isMeasuring ? VariableInteger.Size(value) : VariableInteger.Write(_destination[Position..], value);

    /// <summary>Writes bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (!_isMeasuring)
        {
            bytes.CopyTo(_destination[Position..]);
        }

        Position += bytes.Length;
    }

    /// <summary>Writes binary data: a two-byte length and the bytes.</summary>
    /// <exception cref="ArgumentException">The data is longer than 65,535 bytes.</exception>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > ushort.MaxValue)
        {
            throw new ArgumentException("MQTT binary data must not be longer than 65,535 bytes.", nameof(bytes));
        }

        WriteUInt16((ushort)bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>Writes a UTF-8 encoded string.</summary>
    /// <exception cref="ArgumentException">The text cannot be expressed, see <see cref="Utf8Text.Size"/>.</exception>
    public void WriteString(string text)
    {
        var size = Utf8Text.Size(text);
        WriteUInt16((ushort)size);
        if (!_isMeasuring)
        {
            Utf8Text.Encoding.GetBytes(text, _destination[Position..]);
        }

        Position += size;
    }

    /// <summary>Writes an integer property of whatever size it has, or nothing for null.</summary>
    public void WriteProperty(PropertyId id, uint? number)
    {
        if (number is not { } value)
        {
            return;
        }

        WriteByte((byte)id);
        switch (PropertyTable.KindOf(id))
        {
            case PropertyKind.Flag:
                WriteByte(checked((byte)value));
                break;
            case PropertyKind.TwoByteInteger:
                WriteUInt16(checked((ushort)value));
                break;
            case PropertyKind.FourByteInteger:
                WriteUInt32(value);
                break;
            case PropertyKind.VariableInteger:
                WriteVariableInteger(checked((int)value));
                break;
            default:
                throw new ArgumentException($"{id} is not an integer.", nameof(id));
        }
    }

    /// <summary>Writes a flag property, or nothing for null.</summary>
    public void WriteProperty(PropertyId id, bool? flag) => WriteProperty(id, flag is { } value ? (value ? 1u : 0u) : null);

    /// <summary>Writes a text property, or nothing for null.</summary>
    public void WriteProperty(PropertyId id, string? text)
    {
        if (text is not null)
        {
            WriteByte((byte)id);
            WriteString(text);
        }
    }

    /// <summary>Writes a text (UTF-8) or binary property.</summary>
    public void WriteProperty(PropertyId id, ReadOnlySpan<byte> bytes)
    {
        WriteByte((byte)id);
        WriteBinary(bytes);
    }

    /// <summary>Writes a binary property, or nothing for null.</summary>
    public void WriteProperty(PropertyId id, ReadOnlyMemory<byte>? binary)
    {
        if (binary is { } bytes)
        {
            WriteProperty(id, bytes.Span);
        }
    }

    /// <summary>Writes user properties in their order.</summary>
    public void WriteUserProperties(IReadOnlyList<UserProperty> properties)
    {
        for (var i = 0; i < properties.Count; i++)
        {
            WriteByte((byte)PropertyId.UserProperty);
            WriteString(properties[i].Name);
            WriteString(properties[i].Value);
        }
    }

    /// <summary>Writes the property length and the properties.</summary>
    internal void WriteProperties<T>(T owner)
        where T : class, IPropertyOwner
    {
        var measure = Measuring();
        owner.WriteProperties(ref measure);
        WriteVariableInteger(measure.Position);
        owner.WriteProperties(ref this);
    }
}
