using System.Security.Cryptography;
using System.Text;

namespace IotPlatform.Devices;

/// <summary>
/// What a server has to know of a secret to take part in SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677). Deriving it is slow on purpose: it is kept for as
/// long as its device's grain is in memory.
/// </summary>
internal sealed class ScramKeys
{
    /// <summary>Bytes of a key, a proof and a signature.</summary>
    public const int Bytes = SHA256.HashSizeInBytes;

    private readonly string _secret;
    private readonly ReadOnlyMemory<byte> _salt;
    private readonly int _iterations;
    private readonly byte[] _storedKey;
    private readonly byte[] _serverKey;

    private ScramKeys(string secret, ReadOnlyMemory<byte> salt, int iterations)
    {
        (_secret, _salt, _iterations) = (secret, salt, iterations);

        // A secret is ASCII without controls, which is what SASLprep (RFC 4013) makes of it.
        var saltedPassword = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt.Span, iterations, HashAlgorithmName.SHA256, Bytes);
        _storedKey = SHA256.HashData(HMACSHA256.HashData(saltedPassword, "Client Key"u8));
        _serverKey = HMACSHA256.HashData(saltedPassword, "Server Key"u8);
    }

    /// <summary>The keys of a secret, where they are not known already.</summary>
    public static ScramKeys Of(string secret, ScramProof proof, ScramKeys? known) =>
        known is not null && known._secret == secret && known._iterations == proof.Iterations && known._salt.Span.SequenceEqual(proof.Salt.Span)
            ? known
            : new ScramKeys(secret, proof.Salt, proof.Iterations);

    /// <summary>Derives keys that are good for nothing, for the time that it takes.</summary>
    public static void Waste(ScramProof proof) => _ = new ScramKeys("", proof.Salt, proof.Iterations);

    /// <summary>Whether the proof is one of the secret. Takes the same time wherever it is wrong.</summary>
    public bool AreProvenBy(ScramProof proof)
    {
        if (proof.ClientProof.Length != Bytes)
        {
            return false;
        }

        // ClientKey := ClientProof XOR ClientSignature; StoredKey must be H(ClientKey).
        Span<byte> clientKey = stackalloc byte[Bytes];
        HMACSHA256.HashData(_storedKey, proof.AuthMessage.Span, clientKey);
        for (var i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= proof.ClientProof.Span[i];
        }

        Span<byte> storedKey = stackalloc byte[Bytes];
        SHA256.HashData(clientKey, storedKey);
        return CryptographicOperations.FixedTimeEquals(storedKey, _storedKey);
    }

    /// <summary>ServerSignature := HMAC(ServerKey, AuthMessage).</summary>
    public byte[] Sign(ScramProof proof) => HMACSHA256.HashData(_serverKey, proof.AuthMessage.Span);
}
