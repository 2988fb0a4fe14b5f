namespace IotPlatform.Api.Access;

/// <summary>The <c>Authorization: Bearer KEY</c> header. [RFC 6750 2.1]</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Finds the key in a header's value; the scheme's name has no case. [RFC 9110 11.1]</summary>
    public static bool TryRead(string? header, out ReadOnlySpan<char> key)
    {
        key = default;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        key = header.AsSpan(Scheme.Length).Trim(' ');
        return !key.IsEmpty;
    }
}
