using System.Security.Cryptography;
using System.Text;

namespace IotPlatform.Testkit;

/// <summary>The client's side of SCRAM-SHA-256 as RFC 5802 section 3 gives it, to hold the server's side against.</summary>
/// <param name="userName">Who it says it is.</param>
/// <param name="secret">What it proves with.</param>
/// <param name="header">The GS2 header.</param>
/// <param name="nonce">Its nonce.</param>
public sealed class ScramClient(string userName, string secret, string header = "n,,", string nonce = "rOprNGfwEbeRWgbNEkqO")
{
    private string _serverSignature = "";

    /// <summary>The method's name.</summary>
    public static string Method => "SCRAM-SHA-256";

    private string Bare => $"n={userName.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";

    /// <summary>What it begins with.</summary>
    public byte[] First() => Encoding.UTF8.GetBytes(header + Bare);

    /// <summary>What it ends with.</summary>
    public byte[] Final(ReadOnlySpan<byte> serverFirst)
    {
        var said = Encoding.UTF8.GetString(serverFirst);
        var parts = said.Split(',');
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(header))},{parts[0]}";
        var authMessage = Encoding.UTF8.GetBytes($"{Bare},{said},{withoutProof}");
        var saltedPassword = Rfc2898DeriveBytes.Pbkdf2(secret, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..]), HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(saltedPassword, "Client Key"u8.ToArray());
        var clientSignature = HMACSHA256.HashData(SHA256.HashData(clientKey), authMessage);
        _serverSignature = Convert.ToBase64String(HMACSHA256.HashData(HMACSHA256.HashData(saltedPassword, "Server Key"u8.ToArray()), authMessage));
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String([.. clientKey.Zip(clientSignature, static (key, signature) => (byte)(key ^ signature))])}");
    }

    /// <summary>Whether the server knows the secret too.</summary>
    public bool Accepts(ReadOnlySpan<byte> serverFinal) => Encoding.UTF8.GetString(serverFinal) == $"v={_serverSignature}";
}
