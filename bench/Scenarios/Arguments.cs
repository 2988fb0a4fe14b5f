using System.Globalization;

namespace IotPlatform.Bench.Scenarios;

/// <summary>
/// The options of a command line: <c>--name value</c>, or <c>--name</c> alone for a switch. Whoever reads an option names its default;
/// what nobody reads is refused, so that a misspelt option does not silently measure something else.
/// </summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string?> _given = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    private Arguments()
    {
    }

    public static Arguments Parse(ReadOnlySpan<string> words)
    {
        var arguments = new Arguments();
        for (var index = 0; index < words.Length; index++)
        {
            if (!words[index].StartsWith("--", StringComparison.Ordinal))
            {
                throw new ArgumentException($"{words[index]} is no option");
            }

            var hasValue = index + 1 < words.Length && !words[index + 1].StartsWith("--", StringComparison.Ordinal);
            arguments._given[words[index][2..]] = hasValue ? words[index + 1] : null;
            index += hasValue ? 1 : 0;
        }

        return arguments;
    }

    public bool Switch(string name)
    {
        _read.Add(name);
        return _given.ContainsKey(name);
    }

    public string? Text(string name)
    {
        _read.Add(name);
        return !_given.TryGetValue(name, out var value) ? null : value ?? throw new ArgumentException($"--{name} needs a value");
    }

    /// <summary>A whole number within bounds that both belong to it.</summary>
    public int Number(string name, int otherwise, int min, int max)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new ArgumentException($"--{name} is a number from {min} to {max}");
    }

    /// <summary>A duration in seconds, with decimals where wanted.</summary>
    public TimeSpan? Seconds(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentException($"--{name} is a number of seconds");
    }

    /// <summary>Throws when an option was given that nobody has read.</summary>
    public void RefuseUnread()
    {
        foreach (var name in _given.Keys)
        {
            if (!_read.Contains(name))
            {
                throw new ArgumentException($"--{name} is no option of this scenario");
            }
        }
    }
}
