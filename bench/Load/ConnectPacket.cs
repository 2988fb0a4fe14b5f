using System.Text;
using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Bench.Load;

/// <summary>Encodes the packets with which a device introduces itself, MQTT 3.1.1.</summary>
internal static class ConnectPacket
{
    private const byte UserNamePassword = 0xC0;
    private const byte CleanSession = 0x02;

    public static TimeSpan LongKeepAlive { get; } = TimeSpan.FromHours(1);

    /// <summary>CONNECT with user name <c>{deviceName}&amp;{productKey}</c>, and with a clean session unless it is to be kept.</summary>
    public static byte[] Connect(DeviceNames names, int device, DeviceIdentity identity, TimeSpan keepAlive, bool isSessionKept = false)
    {
        var seconds = (int)keepAlive.TotalSeconds;
        byte[] body =
        [
            0, 4, .. "MQTT"u8, 4, (byte)(UserNamePassword | (isSessionKept ? 0 : CleanSession)), (byte)(seconds >> 8), (byte)seconds,
            .. Prefixed(Encoding.ASCII.GetBytes(identity.ClientId)),
            .. Prefixed(names.UserNameOf(device)),
            .. Prefixed(Encoding.ASCII.GetBytes(identity.Password)),
        ];
        Span<byte> length = stackalloc byte[VariableInteger.BytesMax];
        return [0x10, .. length[..VariableInteger.Write(length, body.Length)], .. body];
    }

    /// <summary>SUBSCRIBE to one short filter at QoS 0 or 1, with packet id 1.</summary>
    public static byte[] Subscribe(ReadOnlySpan<byte> filter, int qos)
    {
        byte[] body = [0, 1, .. Prefixed(filter), (byte)qos];
        return [0x82, (byte)body.Length, .. body];
    }

    private static byte[] Prefixed(ReadOnlySpan<byte> text) => [(byte)(text.Length >> 8), (byte)text.Length, .. text];
}
