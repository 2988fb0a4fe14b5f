using System.Diagnostics.CodeAnalysis;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>A step of enhanced authentication (section 3.15); MQTT 5.0 only.</summary>
public sealed class AuthPacket : ControlPacket
{
    /// <inheritdoc/>
    public override PacketType Type => PacketType.Auth;

    /// <summary>Success (from a server), continue, or re-authenticate (from a client).</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>The method; null only in the short form of success, which has no properties at all.</summary>
    public string? AuthenticationMethod { get; init; }

    /// <summary>Data of the method, or null.</summary>
    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    /// <summary>Diagnostic text for people, or null.</summary>
    public string? ReasonString { get; init; }

    /// <summary>Reads the body of an AUTH. In 3.1.1 the packet type is reserved, hence malformed.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> body,
        byte flags,
        ProtocolVersion version,
        Sender sender,
        [NotNullWhen(true)] out AuthPacket? packet,
        out ReasonCode error)
    {
        var reader = new PacketReader(body);
        reader.Require(version == ProtocolVersion.Mqtt500, ReasonCode.MalformedPacket);
        reader.Require(FixedHeader.HasValidFlags(PacketType.Auth, flags), ReasonCode.MalformedPacket); // [MQTT-3.15.1-1]

        // Section 3.15.2.1: nothing at all stands for success without properties.
        packet = body.IsEmpty ? ReadShortForm(ref reader, sender) : Read(ref reader, sender);
        if (reader.TryFinish(out error))
        {
            return true;
        }

        packet = null;
        return false;
    }

    private protected override void WriteBody(ref PacketWriter writer, ProtocolVersion version)
    {
        if (version != ProtocolVersion.Mqtt500)
        {
            throw new ArgumentException("MQTT 3.1.1 has no AUTH.", nameof(version));
        }

        if (ReasonCode != ReasonCode.Success || HasProperties())
        {
            writer.WriteByte((byte)ReasonCode);
            WritePropertiesOf(ref writer, version);
        }
    }

    private protected override void WriteProperties(ref PacketWriter writer)
    {
        writer.WriteProperty(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.WriteProperty(PropertyId.AuthenticationData, AuthenticationData);
        writer.WriteProperty(PropertyId.ReasonString, ReasonString);
        writer.WriteUserProperties(UserProperties);
    }

    private static AuthPacket ReadShortForm(ref PacketReader reader, Sender sender)
    {
        reader.Require(sender == Sender.Server, ReasonCode.ProtocolError);
        return new AuthPacket();
    }

    private static AuthPacket Read(ref PacketReader reader, Sender sender)
    {
        var code = (ReasonCode)reader.ReadByte();
        reader.Require(code.IsAllowedIn(PacketType.Auth, sender), ReasonCode.ProtocolError); // [MQTT-3.15.2-1]
        var properties = reader.ReadProperties(PropertyScope.Auth);

        // Section 3.15.2.2.2
        reader.Require(properties.Has(PropertyId.AuthenticationMethod), ReasonCode.ProtocolError);
        return new AuthPacket
        {
            ReasonCode = code,
            AuthenticationMethod = properties.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = properties.Binary(PropertyId.AuthenticationData),
            ReasonString = properties.Text(PropertyId.ReasonString),
            UserProperties = properties.UserProperties(),
        };
    }
}
