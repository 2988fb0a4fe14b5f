using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>The server answers a PINGREQ (section 3.13).</summary>
public static class PingRespPacket
{
    /// <summary>The whole packet.</summary>
    public static ReadOnlySpan<byte> Encoded => [(byte)PacketType.PingResp << 4, 0];

    /// <summary>Checks a PINGRESP, which has no body.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, byte flags, out ReasonCode error)
    {
        error = body.IsEmpty && FixedHeader.HasValidFlags(PacketType.PingResp, flags) ? ReasonCode.Success : ReasonCode.MalformedPacket;
        return error == ReasonCode.Success;
    }
}
