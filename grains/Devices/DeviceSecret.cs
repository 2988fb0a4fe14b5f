using System.Security.Cryptography;
using System.Text;

namespace IotPlatform.Devices;

/// <summary>A device's secret.</summary>
internal static class DeviceSecret
{
    /// <summary>128 random bits in hex, the form that the vendors' devices are provisioned with.</summary>
    public static string Create() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Compares without telling by its time how much of it was right.</summary>
    public static bool AreEqual(string expected, string actual) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(actual));
}
