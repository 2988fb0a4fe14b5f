namespace IotPlatform.Mqtt.Codec;

/// <summary>One property inside a validated block. Which of the values is set follows from <see cref="PropertyTable.KindOf"/>.</summary>
public readonly ref struct Property
{
    internal Property(PropertyId id, uint number)
    {
        Id = id;
        Number = number;
    }

    internal Property(PropertyId id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        Id = id;
        Name = name;
        Bytes = bytes;
    }

    /// <summary>Which property it is.</summary>
    public PropertyId Id { get; }

    /// <summary>The value of an integer or a flag.</summary>
    public uint Number { get; }

    /// <summary>The name of a user property.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value of a text (UTF-8), of binary data or of a user property (UTF-8).</summary>
    public ReadOnlySpan<byte> Bytes { get; }
}
