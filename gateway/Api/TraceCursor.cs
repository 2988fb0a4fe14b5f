using System.Globalization;
using IotPlatform.Gateways;

namespace IotPlatform.Api;

/// <summary>How far a reader of a trace has come, at each gateway: a page token of the form <c>gateway=number;…</c>.</summary>
internal sealed class TraceCursor
{
    private readonly SortedDictionary<string, long> _next = new(StringComparer.Ordinal);

    /// <summary>The number of a gateway's next event.</summary>
    public long this[GatewayId gateway]
    {
        get => _next.GetValueOrDefault(gateway.Value, 1);
        set => _next[gateway.Value] = value;
    }

    /// <returns>Null when it is none.</returns>
    public static TraceCursor? Parse(string token)
    {
        var cursor = new TraceCursor();
        foreach (var part in token.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var separator = part.LastIndexOf('=');
            if (separator <= 0 || !long.TryParse(part.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var next) || next < 1)
            {
                return null;
            }

            cursor._next[part[..separator]] = next;
        }

        return cursor;
    }

    public override string ToString() => string.Join(';', _next.Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key}={entry.Value}")));
}
