using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// A packet that is read and written as an object: all but PUBLISH, the acknowledgements and the pings, which allocate nothing.
/// Encoded packets are canonical: the shortest form the standard allows, properties in ascending order of their identifiers.
/// </summary>
public abstract class ControlPacket : IPropertyOwner
{
    /// <summary>The control packet type.</summary>
    public abstract PacketType Type { get; }

    /// <summary>The user properties in their order; MQTT 5.0 only.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    private protected virtual byte Flags => 0;

    /// <summary>Bytes of the whole packet.</summary>
    /// <exception cref="ArgumentException">A value does not fit into the packet.</exception>
    public int EncodedSize(ProtocolVersion version)
    {
        var bodyLength = MeasureBody(version);
        return 1 + VariableInteger.Size(bodyLength) + bodyLength;
    }

    /// <summary>Writes the whole packet and returns its length.</summary>
    /// <exception cref="ArgumentException">A value does not fit into the packet, or the packet not into the destination.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        var writer = new PacketWriter(destination);
        writer.WriteByte((byte)(((byte)Type << 4) | Flags));
        writer.WriteVariableInteger(MeasureBody(version));
        WriteBody(ref writer, version);
        return writer.Position;
    }

    /// <summary>The whole packet in an array of its own.</summary>
    public byte[] ToArray(ProtocolVersion version)
    {
        var bytes = new byte[EncodedSize(version)];
        Write(bytes, version);
        return bytes;
    }

    void IPropertyOwner.WriteProperties(ref PacketWriter writer) => WriteProperties(ref writer);

    private protected abstract void WriteBody(ref PacketWriter writer, ProtocolVersion version);

    private protected virtual void WriteProperties(ref PacketWriter writer) => writer.WriteUserProperties(UserProperties);

    private protected void WritePropertiesOf(ref PacketWriter writer, ProtocolVersion version)
    {
        if (version == ProtocolVersion.Mqtt500)
        {
            writer.WriteProperties(this);
        }
    }

    private protected bool HasProperties()
    {
        var measure = PacketWriter.Measuring();
        WriteProperties(ref measure);
        return measure.Position > 0;
    }

    private int MeasureBody(ProtocolVersion version)
    {
        var measure = PacketWriter.Measuring();
        WriteBody(ref measure, version);
        return measure.Position;
    }
}
