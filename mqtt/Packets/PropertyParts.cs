namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// Encoded properties (without the length in front) in up to three pieces: those that all copies of a message share, those of one receiver (topic alias,
/// subscription identifiers), and what is left of the expiry. <see cref="Codec.PacketWriter"/> encodes them.
/// </summary>
public readonly ref struct PropertyParts
{
    /// <summary>Properties in one piece.</summary>
    public PropertyParts(ReadOnlySpan<byte> shared) => Shared = shared;

    /// <summary>Properties in three pieces; the receiver's own are written first.</summary>
    public PropertyParts(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> own, ReadOnlySpan<byte> expiry = default)
    {
        Shared = shared;
        Own = own;
        Expiry = expiry;
    }

    /// <summary>What all copies share.</summary>
    public ReadOnlySpan<byte> Shared { get; }

    /// <summary>What belongs to one receiver.</summary>
    public ReadOnlySpan<byte> Own { get; }

    /// <summary>What belongs to the moment of sending: see <see cref="MessageExpiry"/>.</summary>
    public ReadOnlySpan<byte> Expiry { get; }

    /// <summary>Bytes of all of them.</summary>
    public int Length => Shared.Length + Own.Length + Expiry.Length;

    /// <summary>Properties in one piece.</summary>
    public static implicit operator PropertyParts(ReadOnlySpan<byte> shared) => new(shared);

    /// <summary>Properties in one piece.</summary>
    public static PropertyParts FromSpan(ReadOnlySpan<byte> shared) => new(shared);
}
