namespace IotPlatform.Compat.Scram;

/// <summary>
/// Reads a message's attributes from its front: <c>attr-val = ALPHA "=" value</c>, with commas between them (RFC 5802 section 7). The text is UTF-8 without
/// U+0000; a comma in a value is written <c>=2C</c>, so that each comma ends one.
/// </summary>
internal ref struct ScramAttributes(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>Whether there are no more.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Where the next one begins.</summary>
    public int Position { get; private set; }

    /// <summary>What stands before the next comma, whatever it is; false when nothing is left.</summary>
    public bool TryReadPart(out ReadOnlySpan<char> part)
    {
        part = default;
        if (IsAtEnd)
        {
            return false;
        }

        var comma = _rest.IndexOf(',');
        IsAtEnd = comma < 0;
        part = IsAtEnd ? _rest : _rest[..comma];
        Position += IsAtEnd ? _rest.Length : comma + 1;
        _rest = IsAtEnd ? default : _rest[(comma + 1)..];
        return true;
    }

    /// <summary>The next attribute.</summary>
    public bool TryRead(out char name, out ReadOnlySpan<char> value)
    {
        name = '\0';
        value = default;
        if (!TryReadPart(out var part) || part.Length < 3 || !char.IsAsciiLetter(part[0]) || part[1] != '=')
        {
            return false;
        }

        name = part[0];
        value = part[2..];
        return true;
    }
}
