using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>Values that flow down the chain of calls, copied at each call, and never back up.</summary>
public static class RequestContext
{
    private static readonly AsyncLocal<ImmutableDictionary<string, object>?> Values = new();

    internal static ImmutableDictionary<string, object>? Current
    {
        get => Values.Value;
        set => Values.Value = value;
    }

    /// <summary>The value, or null.</summary>
    public static object? Get(string key) => Values.Value?.GetValueOrDefault(key);

    /// <summary>Sets a value for the calls made from here on.</summary>
    public static void Set(string key, object value) =>
        Values.Value = (Values.Value ?? ImmutableDictionary<string, object>.Empty).SetItem(key, value);

    /// <summary>Removes a value; false when there was none.</summary>
    public static bool Remove(string key)
    {
        if (Values.Value is not { } values || !values.ContainsKey(key))
        {
            return false;
        }

        Values.Value = values.Remove(key);
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => Values.Value = null;
}
