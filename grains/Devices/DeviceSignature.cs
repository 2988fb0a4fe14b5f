using System.Security.Cryptography;
using System.Text;

namespace IotPlatform.Devices;

/// <summary>Judges what a device signed with its secret.</summary>
internal static class DeviceSignature
{
    private const int SecretBytesOnStack = 256;

    /// <summary>Whether it is signed with this secret. Compares without telling by its time how much of it was right.</summary>
    public static bool IsOf(string secret, SignatureProof? proof)
    {
        if (proof is null)
        {
            return false;
        }

        Span<byte> onStack = stackalloc byte[SecretBytesOnStack];
        var size = Encoding.UTF8.GetByteCount(secret);
        var key = size <= SecretBytesOnStack ? onStack[..size] : new byte[size];
        Encoding.UTF8.GetBytes(secret, key);
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Sign(key, proof, expected);
        return length > 0 && CryptographicOperations.FixedTimeEquals(expected[..length], proof.Signature.Span);
    }

    // 0 for a method of a later version. The weak ones are what devices in the field have, and HMAC needs no collision resistance (RFC 6151 section 2.3).
#pragma warning disable CA5350, CA5351
    private static int Sign(ReadOnlySpan<byte> key, SignatureProof proof, Span<byte> expected) => proof.Method switch
    {
        SignMethod.HmacSha256 => HMACSHA256.HashData(key, proof.Content.Span, expected),
        SignMethod.HmacSha1 => HMACSHA1.HashData(key, proof.Content.Span, expected),
        SignMethod.HmacMd5 => HMACMD5.HashData(key, proof.Content.Span, expected),
        _ => 0,
    };
#pragma warning restore CA5350, CA5351
}
