using IotPlatform.Mqtt;

namespace IotPlatform.Delivery;

/// <summary>What is one receiver's own in its copy of a message.</summary>
/// <param name="version">The version it speaks.</param>
/// <param name="deviceName">Its name, for messages whose topic holds it.</param>
internal readonly ref struct CopyParts(ProtocolVersion version, ReadOnlySpan<byte> deviceName)
{
    public ProtocolVersion Version { get; } = version;

    public ReadOnlySpan<byte> DeviceName { get; } = deviceName;

    /// <summary>Properties that only this copy has, encoded: a topic alias, subscription identifiers.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>The topic alias stands for the topic's name.</summary>
    public bool OmitsTopic { get; init; }
}
