using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// A topic name in up to three pieces of UTF-8 that follow each other without a separator of their own: a prefix and a suffix that many copies
/// of a message share, and the device name that differs.
/// </summary>
public readonly ref struct TopicParts
{
    /// <summary>A topic in one piece.</summary>
    public TopicParts(ReadOnlySpan<byte> topic) => Prefix = topic;

    /// <summary>A topic in three pieces; each may be empty.</summary>
    public TopicParts(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix)
    {
        Prefix = prefix;
        Name = name;
        Suffix = suffix;
    }

    /// <summary>The first piece.</summary>
    public ReadOnlySpan<byte> Prefix { get; }

    /// <summary>The second piece.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The third piece.</summary>
    public ReadOnlySpan<byte> Suffix { get; }

    /// <summary>Bytes of the whole topic name.</summary>
    public int Length => Prefix.Length + Name.Length + Suffix.Length;

    /// <summary>A topic in one piece.</summary>
    public static implicit operator TopicParts(ReadOnlySpan<byte> topic) => new(topic);

    /// <summary>A topic in one piece.</summary>
    public static TopicParts FromSpan(ReadOnlySpan<byte> topic) => new(topic);

    internal void Write(ref PacketWriter writer)
    {
        writer.WriteUInt16(checked((ushort)Length));
        writer.WriteBytes(Prefix);
        writer.WriteBytes(Name);
        writer.WriteBytes(Suffix);
    }
}
