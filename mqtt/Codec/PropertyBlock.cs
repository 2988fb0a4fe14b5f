namespace IotPlatform.Mqtt.Codec;

/// <summary>
/// The properties of one packet, validated: each is known, allowed here, of the right type and value, and no more often there than allowed.
/// A view of the packet's own bytes; values are found by walking them, and a bit set answers for what is absent.
/// </summary>
public readonly ref struct PropertyBlock
{
    private readonly ulong _present;

    private PropertyBlock(ReadOnlySpan<byte> encoded, ulong present)
    {
        Encoded = encoded;
        _present = present;
    }

    /// <summary>The properties as they are on the wire, without the property length in front.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Validates encoded properties (without the length in front) for one kind of packet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> encoded, PropertyScope scope, out PropertyBlock block, out ReasonCode error)
    {
        var reader = new PacketReader(encoded);
        var present = 0UL;
        while (!reader.IsAtEnd)
        {
            var id = reader.ReadProperty(scope).Id;
            reader.Require((present & Bit(id)) == 0 || PropertyTable.IsRepeatable(id, scope), ReasonCode.ProtocolError);
            present |= Bit(id);
        }

        var isValid = reader.TryFinish(out error);
        block = isValid ? new PropertyBlock(encoded, present) : default;
        return isValid;
    }

    /// <summary>Whether the property is there at all.</summary>
    public bool Has(PropertyId id) => (_present & Bit(id)) != 0;

    /// <summary>Whether any of the properties in a set made by <see cref="Bit"/> is there.</summary>
    internal bool HasAny(ulong ids) => (_present & ids) != 0;

    /// <summary>The first property with this identifier.</summary>
    public bool TryGet(PropertyId id, out Property property)
    {
        if (Has(id))
        {
            foreach (var candidate in this)
            {
                if (candidate.Id == id)
                {
                    property = candidate;
                    return true;
                }
            }
        }

        property = default;
        return false;
    }

    /// <summary>An integer, or null when absent.</summary>
    public uint? Number(PropertyId id) => TryGet(id, out var property) ? property.Number : null;

    /// <summary>A two-byte integer, or null when absent.</summary>
    public ushort? ShortNumber(PropertyId id) => (ushort?)Number(id);

    /// <summary>A flag, or null when absent.</summary>
    public bool? Flag(PropertyId id) => TryGet(id, out var property) ? property.Number == 1 : null;

    /// <summary>Text or binary data as it is in the packet; empty when absent.</summary>
    public ReadOnlySpan<byte> Bytes(PropertyId id) => TryGet(id, out var property) ? property.Bytes : default;

    /// <summary>Text as a string, or null when absent.</summary>
    public string? Text(PropertyId id) => TryGet(id, out var property) ? Utf8Text.Encoding.GetString(property.Bytes) : null;

    /// <summary>A copy of binary data, or null when absent.</summary>
    public ReadOnlyMemory<byte>? Binary(PropertyId id)
    {
        // A null of the array type would become empty memory, which is present.
        return TryGet(id, out var property) ? property.Bytes.ToArray() : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>The user properties as strings, in their order.</summary>
    public IReadOnlyList<UserProperty> UserProperties()
    {
        if (!Has(PropertyId.UserProperty))
        {
            return [];
        }

        var list = new List<UserProperty>();
        foreach (var property in this)
        {
            if (property.Id == PropertyId.UserProperty)
            {
                list.Add(new UserProperty(Utf8Text.Encoding.GetString(property.Name), Utf8Text.Encoding.GetString(property.Bytes)));
            }
        }

        return list;
    }

    /// <summary>Walks all properties in their order on the wire.</summary>
    public PropertyEnumerator GetEnumerator() => new(Encoded);

    // Every identifier is below 64, so that one word holds the set. An unknown one never gets this far.
    internal static ulong Bit(PropertyId id) => 1UL << (byte)id;
}
