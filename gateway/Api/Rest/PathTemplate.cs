namespace IotPlatform.Api.Rest;

/// <summary>A path with variables. Matches a request's path as it was sent, so that what is encoded in a variable never reads as a separator.</summary>
internal sealed class PathTemplate
{
    private readonly PathSegment[] _segments;

    /// <summary>Reads a template such as <c>/v1/products/{productKey}:enable</c>.</summary>
    public PathTemplate(string template)
    {
        _segments = [.. template[1..].Split('/').Select(PathSegment.Parse)];
        Variables = [.. _segments.Where(segment => segment.Variable is not null).Select(segment => segment.Variable!)];
    }

    /// <summary>The names of the variables, in order.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Whether the template describes <paramref name="path"/>.</summary>
    public bool Matches(ReadOnlySpan<char> path)
    {
        var index = 0;
        foreach (var part in path[1..].Split('/'))
        {
            if (index == _segments.Length || !_segments[index].Matches(path[1..][part]))
            {
                return false;
            }

            index++;
        }

        return index == _segments.Length;
    }

    /// <summary>The variables' values in a path that matches, still encoded.</summary>
    public string[] Capture(string path)
    {
        var values = new string[Variables.Count];
        var parts = path[1..].Split('/');
        var next = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (_segments[i].Variable is not null)
            {
                values[next++] = parts[i][..^_segments[i].Text.Length];
            }
        }

        return values;
    }
}
