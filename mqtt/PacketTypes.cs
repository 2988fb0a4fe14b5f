namespace IotPlatform.Mqtt;

/// <summary>Which side sends which packets.</summary>
public static class PacketTypes
{
    /// <summary>
    /// Whether the standard lets <paramref name="sender"/> send packets of this type (table 2-1 of either version). A packet of another type is a
    /// <see cref="ReasonCode.ProtocolError"/>.
    /// </summary>
    public static bool MayBeSentBy(this PacketType type, Sender sender, ProtocolVersion version) => type switch
    {
        PacketType.Connect or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.PingReq => sender == Sender.Client,
        PacketType.ConnAck or PacketType.SubAck or PacketType.UnsubAck or PacketType.PingResp => sender == Sender.Server,
        PacketType.Publish or PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp => true,
        PacketType.Disconnect => sender == Sender.Client || version == ProtocolVersion.Mqtt500,
        PacketType.Auth => version == ProtocolVersion.Mqtt500,
        _ => false,
    };
}
