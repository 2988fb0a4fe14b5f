namespace IotPlatform.Api.Rest;

/// <summary>One part of a path template: a text, or a variable that a text may follow (<c>{deviceName}:enable</c>).</summary>
internal readonly record struct PathSegment(string? Variable, string Text)
{
    /// <summary>Reads a part of a template.</summary>
    public static PathSegment Parse(string part)
    {
        var end = part.IndexOf('}', StringComparison.Ordinal);
        return part.StartsWith('{') && end > 0 ? new(part[1..end], part[(end + 1)..]) : new(null, part);
    }

    /// <summary>
    /// Matches a part of a request's path as it was sent. A variable takes everything before its text, so that <c>a:b:enable</c> is the
    /// device <c>a:b</c> and the verb <c>enable</c>.
    /// </summary>
    public bool Matches(ReadOnlySpan<char> part) =>
        Variable is null ? part.SequenceEqual(Text) : part.Length > Text.Length && part.EndsWith(Text, StringComparison.Ordinal);
}
