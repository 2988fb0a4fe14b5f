using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using IotPlatform.Devices;

namespace IotPlatform.Compat.Scram;

/// <summary>
/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677) but for the secret: it says with what the client has to prove that it has it, and
/// takes the proof. Whether that is right is for whoever knows the secret, with <see cref="ScramProof"/>.
/// </summary>
internal sealed class ScramExchange
{
    /// <summary>Its name (RFC 7677 section 3).</summary>
    public const string Method = "SCRAM-SHA-256";

    /// <summary>[RFC 7677 4] At least that many. More would buy nothing: a secret is 128 random bits, which no number of guesses finds.</summary>
    public const int Iterations = 4096;

    /// <summary>Random bytes of a server's nonce. RFC 5802 names no number; as many as half of the hash.</summary>
    private const int NonceBytes = 16;

    private const int SaltBytes = 16;
    private const int ProofBytes = SHA256.HashSizeInBytes;

    private readonly ScramClientFirst _first;
    private readonly string _nonce;
    private readonly byte[] _salt;
    private readonly int _iterations;
    private readonly string _serverFirst;

    /// <param name="first">What the client has said.</param>
    /// <param name="nonce">The server's own nonce, see <see cref="NewNonce"/>.</param>
    /// <param name="salt">The salt of the client's secret.</param>
    /// <param name="iterations">How often it is hashed.</param>
    public ScramExchange(ScramClientFirst first, string nonce, byte[] salt, int iterations)
    {
        (_first, _nonce, _salt, _iterations) = (first, first.Nonce + nonce, salt, iterations);
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(salt)},i={iterations}";
    }

    /// <summary>Who the client says it is.</summary>
    public string UserName => _first.UserName;

    /// <summary><c>server-first-message = "r=" c-nonce s-nonce ",s=" salt ",i=" iteration-count</c></summary>
    public byte[] ServerFirst => Encoding.UTF8.GetBytes(_serverFirst);

    /// <summary>
    /// The salt of a name. It follows from the name, so that a device that there is and one that there is not are told alike, for ever and by every
    /// gateway. That it can be known beforehand helps nobody: nothing can be computed beforehand for secrets of 128 random bits.
    /// </summary>
    public static byte[] SaltOf(string userName) => SHA256.HashData(Encoding.UTF8.GetBytes($"{Method} salt of {userName}"))[..SaltBytes];

    /// <summary>A nonce that nobody can foresee.</summary>
    public static string NewNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary><c>server-final-message = "v=" ServerSignature</c></summary>
    public static byte[] ServerFinal(ReadOnlyMemory<byte> signature) => Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(signature.Span)}");

    /// <summary>
    /// Takes what the client ends with: <c>client-final-message = "c=" base64(gs2-header) ",r=" c-nonce s-nonce ["," extensions] ",p=" ClientProof</c>.
    /// </summary>
    public bool TryFinish(ReadOnlySpan<byte> message, [NotNullWhen(true)] out ScramProof? proof, out ScramFault fault)
    {
        proof = null;
        fault = message.Length > ScramClientFirst.BytesMax ? ScramFault.TooLong
            : !ScramText.TryDecode(message, out var text) ? ScramFault.Malformed
            : Finish(text, out proof);
        return proof is not null;
    }

    private ScramFault Finish(string text, out ScramProof? proof)
    {
        proof = null;
        var attributes = new ScramAttributes(text);
        if (!attributes.TryRead(out var name, out var binding) || name != 'c')
        {
            return name == 'm' ? ScramFault.ExtensionNotSupported : ScramFault.Malformed;
        }

        if (!attributes.TryRead(out name, out var nonce) || name != 'r')
        {
            return ScramFault.Malformed;
        }

        var fault = ReadProof(ref attributes, out var proofStart, out var clientProof);
        if (fault != ScramFault.None)
        {
            return fault;
        }

        if (!binding.SequenceEqual(Convert.ToBase64String(Encoding.UTF8.GetBytes(_first.Gs2Header))))
        {
            return ScramFault.ChannelBindingMismatch;
        }

        if (!nonce.SequenceEqual(_nonce))
        {
            return ScramFault.NonceMismatch;
        }

        // AuthMessage := client-first-message-bare "," server-first-message "," client-final-message-without-proof
        var authMessage = $"{_first.Bare},{_serverFirst},{text.AsSpan(0, proofStart - 1)}";
        proof = new ScramProof(Encoding.UTF8.GetBytes(authMessage), clientProof, _salt, _iterations);
        return ScramFault.None;
    }

    // The proof is the last one; what stands before it is signed, and means nothing here.
    private static ScramFault ReadProof(ref ScramAttributes attributes, out int start, out byte[]? clientProof)
    {
        clientProof = null;
        while (true)
        {
            start = attributes.Position;
            if (!attributes.TryRead(out var name, out var value))
            {
                return ScramFault.Malformed;
            }

            if (name == 'm')
            {
                return ScramFault.ExtensionNotSupported;
            }

            if (name == 'p')
            {
                return !attributes.IsAtEnd ? ScramFault.Malformed
                    : TryDecodeProof(value, out clientProof) ? ScramFault.None
                    : ScramFault.BadProof;
            }
        }
    }

    private static bool TryDecodeProof(ReadOnlySpan<char> value, out byte[] proof)
    {
        proof = new byte[ProofBytes];
        return value.Length == Base64.GetMaxEncodedToUtf8Length(ProofBytes) && Convert.TryFromBase64Chars(value, proof, out var written) && written == ProofBytes;
    }
}
