using System.Diagnostics.CodeAnalysis;

namespace IotPlatform.Api.Access;

/// <summary>Knows the keys that callers may show. Called once for each call, from many threads.</summary>
internal interface IApiKeyVerifier
{
    /// <summary>Finds the caller whom <paramref name="key"/> belongs to. Must take the same time for every wrong key.</summary>
    bool TryVerify(ReadOnlySpan<char> key, [NotNullWhen(true)] out Caller? caller);
}
