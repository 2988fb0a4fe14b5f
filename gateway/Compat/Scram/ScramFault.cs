namespace IotPlatform.Compat.Scram;

/// <summary>Why a message of a SCRAM client is refused.</summary>
internal enum ScramFault
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It is longer than any that makes sense.</summary>
    TooLong,

    /// <summary>It is not made as RFC 5802 section 7 says, or has characters that must not be there.</summary>
    Malformed,

    /// <summary>It asks for channel binding, which is another method: SCRAM-SHA-256-PLUS.</summary>
    ChannelBindingNotSupported,

    /// <summary>It has an extension that must be understood (<c>m=</c>), and there are none.</summary>
    ExtensionNotSupported,

    /// <summary>It wants to act for somebody else than it is.</summary>
    ForeignAuthorization,

    /// <summary>It has no user name, or one with a bad <c>=XX</c>.</summary>
    BadName,

    /// <summary>Its nonce is empty, too long, or has characters that no nonce has.</summary>
    BadNonce,

    /// <summary>It repeats another channel binding than it began with.</summary>
    ChannelBindingMismatch,

    /// <summary>It repeats another nonce than it was given.</summary>
    NonceMismatch,

    /// <summary>What it shows can not be a proof.</summary>
    BadProof,
}
