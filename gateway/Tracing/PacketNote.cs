using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Tracing;

/// <summary>What is noted of a packet. Not its payload.</summary>
/// <param name="Packet">Its type.</param>
/// <param name="PacketId">Its packet identifier; 0 for none.</param>
/// <param name="Topic">The topic of a PUBLISH; otherwise the filters it names, one after the other.</param>
/// <param name="QoS">The QoS of a PUBLISH.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Outcome">Its reason codes.</param>
/// <param name="TopicAlias">The topic alias of a PUBLISH; 0 for none.</param>
internal readonly record struct PacketNote(PacketType Packet, int PacketId, string Topic, QoS QoS, int Bytes, string Outcome, int TopicAlias = 0)
{
    /// <summary>Reads a packet. One that is malformed is noted as far as its header says what it is.</summary>
    /// <param name="header">Its fixed header.</param>
    /// <param name="body">What follows that.</param>
    /// <param name="version">The version that is spoken.</param>
    /// <param name="sender">Who sends it.</param>
    public static PacketNote Read(FixedHeader header, ReadOnlySpan<byte> body, ProtocolVersion version, Sender sender)
    {
        var note = new PacketNote(header.Type, 0, "", QoS.AtMostOnce, header.TotalLength, "");
        switch (header.Type)
        {
            case PacketType.Publish when PublishPacket.TryRead(body, header.Flags, version, sender, out var publish, out _):
                return note.With(publish);
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp
                when Acknowledgement.TryRead(header.Type, body, header.Flags, version, out var acknowledgement, out _):
                return note with { PacketId = acknowledgement.PacketId, Outcome = acknowledgement.ReasonCode.ToString() };
            case PacketType.Subscribe when SubscribePacket.TryRead(body, header.Flags, version, out var subscribe, out _):
                return note with { PacketId = subscribe.PacketId, Topic = string.Join(' ', subscribe.Subscriptions.Select(static subscription => subscription.Filter)) };
            case PacketType.SubAck when SubAckPacket.TryRead(body, header.Flags, version, out var subAck, out _):
                return note with { PacketId = subAck.PacketId, Outcome = string.Join(' ', subAck.ReasonCodes) };
            case PacketType.Unsubscribe when UnsubscribePacket.TryRead(body, header.Flags, version, out var unsubscribe, out _):
                return note with { PacketId = unsubscribe.PacketId, Topic = string.Join(' ', unsubscribe.Filters) };
            case PacketType.UnsubAck when UnsubAckPacket.TryRead(body, header.Flags, version, out var unsubAck, out _):
                return note with { PacketId = unsubAck.PacketId, Outcome = string.Join(' ', unsubAck.ReasonCodes) };
            case PacketType.ConnAck when ConnAckPacket.TryRead(body, header.Flags, version, out var connAck, out _):
                return note with { Outcome = connAck.ReasonCode.ToString() };
            case PacketType.Disconnect when DisconnectPacket.TryRead(body, header.Flags, version, sender, out var disconnect, out _):
                return note with { Outcome = disconnect.ReasonCode.ToString() };
            case PacketType.Auth when AuthPacket.TryRead(body, header.Flags, version, sender, out var auth, out _):
                return note with { Outcome = auth.ReasonCode.ToString() };
            default:
                return note;
        }
    }

    /// <summary>What a PUBLISH says besides.</summary>
    public PacketNote With(in PublishPacket publish) => this with
    {
        PacketId = publish.PacketId,
        Topic = Encoding.UTF8.GetString(publish.Topic),
        QoS = publish.QoS,
        TopicAlias = publish.Properties.TopicAlias ?? 0,
    };
}
