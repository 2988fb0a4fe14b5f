namespace IotPlatform.Compat.Scram;

/// <summary>
/// What a SCRAM client begins with (RFC 5802 section 7):
/// <c>client-first-message = gs2-header "n=" saslname ",r=" c-nonce ["," extensions]</c>, where <c>gs2-header = ("n" / "y") "," ["a=" saslname] ","</c>.
/// </summary>
/// <param name="UserName">Who it is.</param>
/// <param name="Nonce">The client's nonce.</param>
/// <param name="Gs2Header">What the client repeats as its channel binding.</param>
/// <param name="Bare">The message without that.</param>
internal sealed record ScramClientFirst(string UserName, string Nonce, string Gs2Header, string Bare)
{
    /// <summary>Bytes: two names of 193 characters, a nonce, and room for escapes and extensions.</summary>
    public const int BytesMax = 1024;

    /// <summary>Characters. Clients use 20 to 40; a nonce of 256 bits in hex has 64.</summary>
    public const int NonceLengthMax = 256;

    public static bool TryParse(ReadOnlySpan<byte> message, out ScramClientFirst? first, out ScramFault fault)
    {
        first = null;
        fault = message.Length > BytesMax ? ScramFault.TooLong
            : !ScramText.TryDecode(message, out var text) ? ScramFault.Malformed
            : Parse(text, out first);
        return fault == ScramFault.None;
    }

    private static ScramFault Parse(string text, out ScramClientFirst? first)
    {
        first = null;
        var attributes = new ScramAttributes(text);
        var fault = ReadHeader(ref attributes, out var authorization);
        if (fault != ScramFault.None)
        {
            return fault;
        }

        var headerLength = attributes.Position;
        fault = ReadBare(ref attributes, out var userName, out var nonce);
        if (fault != ScramFault.None)
        {
            return fault;
        }

        if (authorization.Length > 0 && authorization != userName)
        {
            return ScramFault.ForeignAuthorization;
        }

        first = new ScramClientFirst(userName, nonce, text[..headerLength], text[headerLength..]);
        return ScramFault.None;
    }

    private static ScramFault ReadHeader(ref ScramAttributes attributes, out string authorization)
    {
        authorization = "";
        attributes.TryReadPart(out var flag);
        if (flag.StartsWith("p=", StringComparison.Ordinal))
        {
            return ScramFault.ChannelBindingNotSupported;
        }

        // "y": the client could bind the channel, and has seen that the server can not.
        return flag is not ("n" or "y") || !attributes.TryReadPart(out var part) || attributes.IsAtEnd ? ScramFault.Malformed
            : part.IsEmpty ? ScramFault.None
            : !part.StartsWith("a=", StringComparison.Ordinal) ? ScramFault.Malformed
            : ScramText.TryDecodeName(part[2..], out authorization) ? ScramFault.None
            : ScramFault.BadName;
    }

    private static ScramFault ReadBare(ref ScramAttributes attributes, out string userName, out string nonce)
    {
        (userName, nonce) = ("", "");
        attributes.TryReadPart(out var name);
        if (name.StartsWith("m=", StringComparison.Ordinal))
        {
            return ScramFault.ExtensionNotSupported;
        }

        if (!name.StartsWith("n=", StringComparison.Ordinal))
        {
            return ScramFault.Malformed;
        }

        if (!ScramText.TryDecodeName(name[2..], out userName))
        {
            return ScramFault.BadName;
        }

        if (!attributes.TryReadPart(out var part) || !part.StartsWith("r=", StringComparison.Ordinal))
        {
            return ScramFault.Malformed;
        }

        if (!ScramText.IsNonce(part[2..], NonceLengthMax))
        {
            return ScramFault.BadNonce;
        }

        nonce = part[2..].ToString();
        return SkipExtensions(ref attributes);
    }

    // Others may be there, and mean nothing here.
    private static ScramFault SkipExtensions(ref ScramAttributes attributes)
    {
        while (!attributes.IsAtEnd)
        {
            if (!attributes.TryRead(out var name, out _))
            {
                return ScramFault.Malformed;
            }

            if (name == 'm')
            {
                return ScramFault.ExtensionNotSupported;
            }
        }

        return ScramFault.None;
    }
}
