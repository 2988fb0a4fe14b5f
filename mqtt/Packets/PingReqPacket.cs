using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>A client shows that it is alive (section 3.12).</summary>
public static class PingReqPacket
{
    /// <summary>The whole packet.</summary>
    public static ReadOnlySpan<byte> Encoded => [(byte)PacketType.PingReq << 4, 0];

    /// <summary>Checks a PINGREQ, which has no body.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, byte flags, out ReasonCode error)
    {
        error = body.IsEmpty && FixedHeader.HasValidFlags(PacketType.PingReq, flags) ? ReasonCode.Success : ReasonCode.MalformedPacket;
        return error == ReasonCode.Success;
    }
}
