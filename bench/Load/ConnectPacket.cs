using System.Text;

namespace IotPlatform.Bench.Load;

/// <summary>Encodes the packets with which a device introduces itself, MQTT 3.1.1.</summary>
internal static class ConnectPacket
{
    /// <summary>Where the password is not looked at.</summary>
    public const string AnyPassword = "x";

    private const byte UserNamePassword = 0xC0;
    private const byte CleanSession = 0x02;

    public static TimeSpan LongKeepAlive { get; } = TimeSpan.FromHours(1);

    /// <summary>CONNECT with user name <c>{deviceName}&amp;{productKey}</c>, and with a clean session unless it is to be kept.</summary>
    public static byte[] Connect(DeviceNames names, int device, string password, TimeSpan keepAlive, bool isSessionKept = false)
    {
        var seconds = (int)keepAlive.TotalSeconds;
        byte[] body =
        [
            0, 4, .. "MQTT"u8, 4, (byte)(UserNamePassword | (isSessionKept ? 0 : CleanSession)), (byte)(seconds >> 8), (byte)seconds,
            .. Prefixed(Encoding.ASCII.GetBytes(names.NameOf(device))),
            .. Prefixed(names.UserNameOf(device)),
            .. Prefixed(Encoding.ASCII.GetBytes(password)),
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
