using System.Security.Cryptography;
using System.Text;

namespace IotPlatform.Bench.Load;

/// <summary>What a device shows at its login besides its user name.</summary>
internal readonly record struct DeviceIdentity(string ClientId, string Password)
{
    /// <summary>Where the password is not looked at.</summary>
    public static DeviceIdentity Any(DeviceNames names, int device) => new(names.NameOf(device), "x");

    /// <summary>Signed with its secret, as the C SDK of LinkKit does it.</summary>
    public static DeviceIdentity Signed(DeviceNames names, int device, string secret)
    {
        const string timestamp = "2524608000000";
        var name = names.NameOf(device);
        var content = $"clientId{name}deviceName{name}productKey{names.ProductKey}timestamp{timestamp}";
        return new DeviceIdentity(
            $"{name}|timestamp={timestamp},securemode=3,signmethod=hmacsha256|",
            Convert.ToHexString(HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret), Encoding.ASCII.GetBytes(content))));
    }
}
