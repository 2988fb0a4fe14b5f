using System.Text;

namespace IotPlatform.Bench.Load;

/// <summary>Encodes the packets with which a device introduces itself, MQTT 3.1.1.</summary>
internal static class ConnectPacket
{
    // A long keep-alive in seconds: the server watches it, and no device has to ping within a run.
    private const int KeepAliveSeconds = 3600;

    private const int UserNamePasswordCleanSession = 0xC2;

    /// <summary>CONNECT with a clean session, user name <c>{deviceName}&amp;{productKey}</c> and password <c>x</c>.</summary>
    public static byte[] Connect(DeviceNames names, int device)
    {
        byte[] body =
        [
            0, 4, .. "MQTT"u8, 4, UserNamePasswordCleanSession, KeepAliveSeconds >> 8, KeepAliveSeconds & 0xFF,
            .. Prefixed(Encoding.ASCII.GetBytes(names.NameOf(device))),
            .. Prefixed(names.UserNameOf(device)),
            .. Prefixed("x"u8),
        ];
        return [0x10, (byte)body.Length, .. body];
    }

    /// <summary>SUBSCRIBE to one short filter at QoS 0 or 1, with packet id 1.</summary>
    public static byte[] Subscribe(ReadOnlySpan<byte> filter, int qos)
    {
        byte[] body = [0, 1, .. Prefixed(filter), (byte)qos];
        return [0x82, (byte)body.Length, .. body];
    }

    private static byte[] Prefixed(ReadOnlySpan<byte> text) => [(byte)(text.Length >> 8), (byte)text.Length, .. text];
}
