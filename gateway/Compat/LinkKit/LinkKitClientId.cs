using System.Text;
using IotPlatform.Devices;

namespace IotPlatform.Compat.LinkKit;

/// <summary>
/// A client id of Alibaba Cloud IoT's LinkKit, <c>{clientId}|key=value,key=value,…|</c>: the password of whoever has one is a signature. The keys may come in any order, and unknown
/// ones say nothing here (Alibaba Cloud IoT Platform, "Establish MQTT connections over TCP").
/// </summary>
/// <param name="Bare">What stands before the bar.</param>
/// <param name="SignMethod">How the login is signed; HMAC-MD5 where that is not said, null where it is none that is known.</param>
/// <param name="Timestamp">Signed as well where it is there. Devices without a clock send a fixed one, so it is not compared with the time.</param>
internal sealed record LinkKitClientId(string Bare, SignMethod? SignMethod, string? Timestamp)
{
    private const char Bar = '|';

    /// <summary>Reads a client id; null where it is no such one.</summary>
    public static LinkKitClientId? Of(string clientId)
    {
        var bar = clientId.IndexOf(Bar);
        if (bar < 0 || bar == clientId.Length - 1 || clientId.IndexOf(Bar, bar + 1) != clientId.Length - 1)
        {
            return null;
        }

        var read = new LinkKitClientId(clientId[..bar], Devices.SignMethod.HmacMd5, Timestamp: null);
        var pairs = clientId.AsSpan(bar + 1, clientId.Length - bar - 2);
        foreach (var range in pairs.Split(','))
        {
            var pair = pairs[range];
            var equals = pair.IndexOf('=');
            if (equals < 0)
            {
                return null;
            }

            var value = pair[(equals + 1)..];
            read = pair[..equals] switch
            {
                "signmethod" => read with { SignMethod = MethodOf(value) },
                "timestamp" => read with { Timestamp = value.ToString() },
                _ => read,
            };
        }

        return read;
    }

    /// <summary>What a device with this client id signed: keys and values one behind the other, in the order of the keys.</summary>
    /// <param name="device">The device that the user name names.</param>
    /// <param name="password">The signature in hexadecimal, of either case. One that is none is the device's in no case.</param>
    public SignatureProof ProofOf(DeviceId device, string password)
    {
        var content = $"clientId{Bare}deviceName{device.DeviceName}productKey{device.ProductKey}{(Timestamp is null ? "" : $"timestamp{Timestamp}")}";
        var signature = new byte[password.Length / 2];
        var isSignature = SignMethod is not null && password.Length % 2 == 0
            && Convert.FromHexString(password, signature, out _, out _) == System.Buffers.OperationStatus.Done;
        return new SignatureProof(Encoding.UTF8.GetBytes(content), SignMethod ?? default, isSignature ? signature : default);
    }

    private static SignMethod? MethodOf(ReadOnlySpan<char> value) =>
        value.Equals("hmacsha256", StringComparison.OrdinalIgnoreCase) ? Devices.SignMethod.HmacSha256
        : value.Equals("hmacsha1", StringComparison.OrdinalIgnoreCase) ? Devices.SignMethod.HmacSha1
        : value.Equals("hmacmd5", StringComparison.OrdinalIgnoreCase) ? Devices.SignMethod.HmacMd5
        : null;
}
