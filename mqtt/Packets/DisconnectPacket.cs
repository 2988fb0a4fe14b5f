using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The last packet of a connection (section 3.14).</summary>
public sealed class DisconnectPacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.Disconnect;

    /// <summary>Why the connection ends; always a normal disconnection in 3.1.1.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Seconds that the session outlives the connection, from a client only [MQTT-3.14.2-2]; absent leaves what CONNECT said.</summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>Diagnostic text for people, or null.</summary>
    public string? ReasonString { get; init; }

    /// <summary>Another server to use, from a server only, or null.</summary>
    public string? ServerReference { get; init; }

    /// <summary>Reads the body of a DISCONNECT.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body,
        byte flags,
        ProtocolVersion version,
        Sender sender,
        [NotNullWhen(true)] out DisconnectPacket? packet,
        out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(FixedHeader.HasValidFlags(PacketType.Disconnect, flags), ReasonCode.MalformedPacket); // [MQTT-3.14.1-1]

        // Only the client ends a connection with a DISCONNECT in 3.1.1.
        reader.Require(version == ProtocolVersion.Mqtt500 || sender == Sender.Client, ReasonCode.ProtocolError);
        packet = version == ProtocolVersion.Mqtt500 ? Read(ref reader, sender) : new DisconnectPacket();
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = null;
        return false;
    }

    private protected override void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        var hasProperties = HasProperties();
        if (version == ProtocolVersion.Mqtt311 || (ReasonCode == ReasonCode.Success && !hasProperties))
        {
            return;
        }

        writer.WriteByte((byte)ReasonCode);
        if (hasProperties)
        {
            WritePropertiesOf(ref writer, version);
        }
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.SessionExpiryInterval, SessionExpiryInterval);
        writer.WriteProperty(PropertyId.ServerReference, ServerReference);
        writer.WriteProperty(PropertyId.ReasonString, ReasonString);
        writer.WriteUserProperties(UserProperties);
    }

    // Sections 3.14.2.1 and 3.14.2.2.1: an empty body is a normal disconnection, and a body of one byte has no properties.
    private static DisconnectPacket Read(ref PacketReader reader, Sender sender)
    {
        var code = reader.IsAtEnd ? ReasonCode.Success : (ReasonCode)reader.ReadByte();
        reader.Require(code.IsAllowedIn(PacketType.Disconnect, sender), ReasonCode.ProtocolError);
        var properties = reader.IsAtEnd ? default : reader.ReadProperties(PropertyScope.Disconnect);

        // [MQTT-3.14.2-2]; section 3.14.2.2.5 gives Server Reference to the server.
        reader.Require(!properties.Has(sender == Sender.Server ? PropertyId.SessionExpiryInterval : PropertyId.ServerReference), ReasonCode.ProtocolError);
        return new DisconnectPacket
        {
            ReasonCode = code,
            SessionExpiryInterval = properties.Number(PropertyId.SessionExpiryInterval),
            ReasonString = properties.Text(PropertyId.ReasonString),
            ServerReference = properties.Text(PropertyId.ServerReference),
            UserProperties = properties.UserProperties(),
        };
    }
}
