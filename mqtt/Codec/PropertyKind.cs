namespace IotPlatform.Mqtt.Codec;

/// <summary>The data type of a property's value (section 1.5).</summary>
public enum PropertyKind : byte
{
    /// <summary>No such property.</summary>
    None = 0,

    /// <summary>One byte that is 0 or 1; every one-byte property is of this kind.</summary>
    Flag = 1,

    /// <summary>A two-byte integer.</summary>
    TwoByteInteger = 2,

    /// <summary>A four-byte integer.</summary>
    FourByteInteger = 3,

    /// <summary>A variable byte integer.</summary>
    VariableInteger = 4,

    /// <summary>A UTF-8 encoded string.</summary>
    Text = 5,

    /// <summary>Binary data.</summary>
    Binary = 6,

    /// <summary>Two UTF-8 encoded strings: name and value.</summary>
    TextPair = 7,
}
