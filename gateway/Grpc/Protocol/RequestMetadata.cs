using System.Diagnostics.CodeAnalysis;

namespace IotPlatform.Grpc.Protocol;

/// <summary>The header fields of a request, read as metadata.</summary>
internal sealed class RequestMetadata(IHeaderDictionary headers) : IReadOnlyMetadata
{
    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!MetadataName.IsReserved(name) && headers.TryGetValue(name, out var values))
        {
            value = values.ToString();
        }

        return value is not null;
    }

    /// <inheritdoc/>
    public bool TryGetBytes(string name, [NotNullWhen(true)] out byte[]? value)
    {
        value = GetAllBytes(name) is [var first, ..] ? first : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> GetAllBytes(string name)
    {
        if (!MetadataName.IsBinary(name) || !TryGet(name, out var joined))
        {
            return [];
        }

        var values = new List<byte[]>();
        foreach (var range in joined.AsSpan().Split(','))
        {
            if (TryDecode(joined.AsSpan()[range].Trim(' '), out var value))
            {
                values.Add(value);
            }
        }

        return values;
    }

    // [PROTOCOL-HTTP2 Binary-Header] both padded and unpadded base64 is taken.
    private static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? value)
    {
        var padded = text.TrimEnd('=').ToString();
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        value = Convert.TryFromBase64String(padded, bytes, out var length) ? bytes[..length] : null;
        return value is not null;
    }
}
