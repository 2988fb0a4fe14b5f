using System.Buffers.Binary;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Mqtt.Codec;

/// <summary>
/// A cursor over the body of one packet. The first failure sticks: it empties the cursor, and every later read returns a default, so that a
/// packet is read straight through and judged once at its end. Nothing read before <see cref="TryFinish"/> succeeds may be relied on.
/// </summary>
public ref struct PacketReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first byte of the body.</summary>
    public PacketReader(ReadOnlySpan<byte> body) => _rest = body;

    /// <summary>The first failure, or <see cref="ReasonCode.Success"/>.</summary>
    public ReasonCode Error { get; private set; }

    /// <summary>Whether something has failed.</summary>
    public readonly bool HasFailed => Error != ReasonCode.Success;

    /// <summary>Whether no byte is left; also true after a failure.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Notes a failure unless there is one already.</summary>
    public void Fail(ReasonCode error)
    {
        Error = HasFailed ? Error : error;
        _rest = default;
    }

    /// <summary>Fails unless the condition holds.</summary>
    public void Require(bool condition, ReasonCode error)
    {
        if (!condition)
        {
            Fail(error);
        }
    }

    /// <summary>Whether everything was read without a failure. Bytes left over make the packet malformed.</summary>
    public bool TryFinish(out ReasonCode error)
    {
        Require(_rest.IsEmpty, ReasonCode.MalformedPacket);
        error = Error;
        return !HasFailed;
    }

    /// <summary>Reads a given number of bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > _rest.Length)
        {
            Fail(ReasonCode.MalformedPacket);
            return default;
        }

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <summary>Reads whatever is left.</summary>
    public ReadOnlySpan<byte> ReadRest() => ReadBytes(_rest.Length);

    /// <summary>Reads one byte.</summary>
    public byte ReadByte()
    {
        var bytes = ReadBytes(sizeof(byte));
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    /// <summary>Reads a big-endian two-byte integer (section 1.5.2).</summary>
    public ushort ReadUInt16()
    {
        var bytes = ReadBytes(sizeof(ushort));
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    /// <summary>Reads a big-endian four-byte integer (section 1.5.3).</summary>
    public uint ReadUInt32()
    {
        var bytes = ReadBytes(sizeof(uint));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>Reads a variable byte integer (section 1.5.5).</summary>
    public int ReadVariableInteger()
    {
        if (VariableInteger.TryRead(_rest, out var value, out var length) != FrameStatus.Complete)
        {
            Fail(ReasonCode.MalformedPacket);
            return 0;
        }

        _rest = _rest[length..];
        return value;
    }

    /// <summary>Reads a packet identifier, which is never 0 [MQTT-2.2.1-3] ([MQTT-2.3.1-1] in 3.1.1).</summary>
    public ushort ReadPacketId()
    {
        var packetId = ReadUInt16();
        Require(packetId != 0, ReasonCode.ProtocolError);
        return packetId;
    }

    /// <summary>Reads binary data: a two-byte length and as many bytes (section 1.5.6).</summary>
    public ReadOnlySpan<byte> ReadBinary() => ReadBytes(ReadUInt16());

    /// <summary>Reads a UTF-8 encoded string and checks that it is well formed (section 1.5.4).</summary>
    public ReadOnlySpan<byte> ReadText()
    {
        var text = ReadBinary();
        Require(Utf8Text.IsValid(text), ReasonCode.MalformedPacket);
        return HasFailed ? default : text;
    }

    /// <summary>Reads a UTF-8 encoded string as a string.</summary>
    public string ReadString() => Utf8Text.Encoding.GetString(ReadText());

    /// <summary>Reads a topic name: at least one character, no wildcards [MQTT-3.3.2-2], [MQTT-4.7.3-1].</summary>
    public ReadOnlySpan<byte> ReadTopicName()
    {
        var topic = ReadText();
        Require(TopicName.IsWellShaped(topic), ReasonCode.TopicNameInvalid);
        return topic;
    }

    /// <summary>Reads a topic filter; in MQTT 5.0 also judges the form of a shared subscription [MQTT-4.8.2-1], [MQTT-4.8.2-2].</summary>
    public ReadOnlySpan<byte> ReadTopicFilter(ProtocolVersion version)
    {
        var filter = ReadText();
        var isValid = version == ProtocolVersion.Mqtt500 && SharedSubscription.IsShared(filter)
            ? SharedSubscription.TryParse(filter, out _, out _)
            : TopicFilter.IsWellShaped(filter);
        Require(isValid, ReasonCode.TopicFilterInvalid);
        return HasFailed ? default : filter;
    }

    /// <summary>Checks the topic of a PUBLISH, which may be empty only where an alias stands for it (section 3.3.2.3.4).</summary>
    internal void CheckTopic(ReadOnlySpan<byte> topic, ProtocolVersion version, bool hasAlias)
    {
        if (topic.IsEmpty && version == ProtocolVersion.Mqtt500)
        {
            Require(hasAlias, ReasonCode.ProtocolError);
        }
        else
        {
            Require(TopicName.IsWellShaped(topic), ReasonCode.TopicNameInvalid);
        }
    }

    /// <summary>Reads a property length and the properties (section 2.2.2), and validates all of them.</summary>
    public PropertyBlock ReadProperties(PropertyScope scope)
    {
        var block = ReadBytes(ReadVariableInteger());
        if (!PropertyBlock.TryParse(block, scope, out var properties, out var error))
        {
            Fail(error);
        }

        return properties;
    }

    /// <summary>Reads one property and checks that it belongs into the scope and has a valid value (section 2.2.2.2).</summary>
    internal Property ReadProperty(PropertyScope scope)
    {
        // The identifier is a variable byte integer; every one that exists fits into one byte.
        var id = (PropertyId)Math.Min(ReadVariableInteger(), byte.MaxValue);
        Require((PropertyTable.ScopeOf(id) & scope) != 0, ReasonCode.MalformedPacket);
        return PropertyTable.KindOf(id) switch
        {
            PropertyKind.Flag => new Property(id, ReadFlag()),
            PropertyKind.TwoByteInteger => new Property(id, CheckNumber(id, ReadUInt16())),
            PropertyKind.FourByteInteger => new Property(id, CheckNumber(id, ReadUInt32())),
            PropertyKind.VariableInteger => new Property(id, CheckNumber(id, (uint)ReadVariableInteger())),
            PropertyKind.Text => new Property(id, default, CheckText(id, ReadText())),
            PropertyKind.Binary => new Property(id, default, ReadBinary()),
            PropertyKind.TextPair => new Property(id, ReadText(), ReadText()),
            _ => default,
        };
    }

    private uint ReadFlag()
    {
        var flag = ReadByte();
        Require(flag <= 1, ReasonCode.ProtocolError);
        return flag;
    }

    private uint CheckNumber(PropertyId id, uint number)
    {
        if (number == 0 && id is PropertyId.TopicAlias)
        {
            // [MQTT-3.3.2-8]
            Fail(ReasonCode.TopicAliasInvalid);
        }
        else if (id is PropertyId.ReceiveMaximum or PropertyId.MaximumPacketSize or PropertyId.SubscriptionIdentifier)
        {
            // Sections 3.1.2.11.3, 3.1.2.11.4 and 3.8.2.1.2.
            Require(number != 0, ReasonCode.ProtocolError);
        }

        return number;
    }

    private ReadOnlySpan<byte> CheckText(PropertyId id, ReadOnlySpan<byte> text)
    {
        // [MQTT-3.3.2-14]
        Require(id != PropertyId.ResponseTopic || TopicName.IsWellShaped(text), ReasonCode.ProtocolError);
        return text;
    }
}
