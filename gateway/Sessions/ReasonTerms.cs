using System.Diagnostics;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Sessions;

/// <summary>Which reason strings a client is sent.</summary>
/// <param name="Version">3.1.1 has none.</param>
/// <param name="PacketBytesMax">The client's Maximum Packet Size: none that makes a packet larger [MQTT-3.2.2-19], [MQTT-3.4.2-2], [MQTT-3.5.2-2], [MQTT-3.9.2-1], [MQTT-3.14.2-3].</param>
/// <param name="WantsNone">Its Request Problem Information is 0: none but in CONNACK and DISCONNECT [MQTT-3.1.2-29].</param>
/// <param name="HasNone">The server is set to send none.</param>
internal readonly record struct ReasonTerms(ProtocolVersion Version, int PacketBytesMax, bool WantsNone, bool HasNone = false)
{
    /// <summary>Bytes of the longest PUBACK or PUBREC.</summary>
    public const int AcknowledgementBytesMax = Acknowledgement.BytesMax + 2 + ReasonStrings.PropertyBytesMax;

    /// <summary>Writes a PUBACK, PUBREC, PUBREL or PUBCOMP and returns its length. 3.1.1 has no reason codes: what was refused is acknowledged all the same.</summary>
    public int Write(Span<byte> destination, PacketType type, ushort packetId, ReasonCode reason)
    {
        if (Version != ProtocolVersion.Mqtt500)
        {
            return Acknowledgement.Write(destination, type, packetId, ReasonCode.Success, Version);
        }

        if (!reason.IsFailure() || Find(type, reason) is not { } found || !PropertyBlock.TryParse(found.Property.Span, (PropertyScope)(1 << (int)type), out var properties, out _))
        {
            return Acknowledgement.Write(destination, type, packetId, reason, Version);
        }

        var packet = new Acknowledgement { Type = type, PacketId = packetId, ReasonCode = reason, Properties = properties };
        return packet.EncodedSize(Version) <= PacketBytesMax
            ? packet.Write(destination, Version)
            : Acknowledgement.Write(destination, type, packetId, reason, Version);
    }

    /// <summary>What goes with the first failure among these; null where nothing does.</summary>
    public string? TextFor(PacketType place, ReadOnlySpan<ReasonCode> reasons)
    {
        foreach (var reason in reasons)
        {
            if (reason.IsFailure())
            {
                return Find(place, reason)?.Text;
            }
        }

        return null;
    }

    /// <summary>Encodes a packet with its reason string, or without it where that is too much.</summary>
    /// <param name="withText">The packet.</param>
    /// <param name="withoutText">The same without.</param>
    /// <returns>Null where the client takes neither [MQTT-3.1.2-24].</returns>
    public byte[]? Encode(ControlPacket withText, ControlPacket withoutText)
    {
        Debug.Assert(withText.Type == withoutText.Type, "the same packet");
        return withText.EncodedSize(Version) <= PacketBytesMax ? withText.ToArray(Version)
            : withoutText.EncodedSize(Version) <= PacketBytesMax ? withoutText.ToArray(Version)
            : null;
    }

    private ReasonString? Find(PacketType place, ReasonCode reason) =>
        HasNone || Version != ProtocolVersion.Mqtt500 || (WantsNone && place is not (PacketType.ConnAck or PacketType.Disconnect)) ? null : ReasonStrings.Find(place, reason);
}
