namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// Encoded properties (without the length in front) in two pieces: those that all copies of a message share, and those of one receiver
/// (topic alias, subscription identifiers, what is left of the expiry). <see cref="Codec.PacketWriter"/> encodes them.
/// </summary>
public readonly ref struct PropertyParts
{
    /// <summary>Properties in one piece.</summary>
    public PropertyParts(ReadOnlySpan<byte> shared) => Shared = shared;

    /// <summary>Properties in two pieces; the receiver's own are written first.</summary>
    public PropertyParts(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> own)
    {
        Shared = shared;
        Own = own;
    }

    /// <summary>What all copies share.</summary>
    public ReadOnlySpan<byte> Shared { get; }

    /// <summary>What belongs to one receiver.</summary>
    public ReadOnlySpan<byte> Own { get; }

    /// <summary>Bytes of both.</summary>
    public int Length => Shared.Length + Own.Length;

    /// <summary>Properties in one piece.</summary>
    public static implicit operator PropertyParts(ReadOnlySpan<byte> shared) => new(shared);

    /// <summary>Properties in one piece.</summary>
    public static PropertyParts FromSpan(ReadOnlySpan<byte> shared) => new(shared);
}
