using System.Text.RegularExpressions;

namespace IotPlatform.Mqtt.Tests.Conformance;

/// <summary>docs/conformance.md: by standard, each clause with what the page says about it; null where it binds the client.</summary>
internal static partial class ConformanceTable
{
    /// <summary>All of it.</summary>
    public static string Page { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs", "conformance.md"));

    /// <summary>The clauses of one standard in the order of the page.</summary>
    public static List<(string Clause, string? Row)> Of(string standard)
    {
        var start = Page.IndexOf($"\n## {standard}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/conformance.md has no section for {standard}.");
        var end = Page.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        var clauses = new List<(string, string?)>();
        foreach (var line in Page[start..(end < 0 ? Page.Length : end)].Split('\n'))
        {
            if (line.StartsWith("| MQTT-", StringComparison.Ordinal))
            {
                clauses.Add((Clause().Match(line).Value, line));
            }
            else if (line.StartsWith("Binds the client: ", StringComparison.Ordinal))
            {
                clauses.AddRange(Clause().Matches(line).Select(static match => (match.Value, default(string))));
            }
        }

        return clauses;
    }

    /// <summary>The tests that a text names, as class and method.</summary>
    public static IEnumerable<(string Class, string Method)> TestsIn(string text) =>
        Test().Matches(text).Select(static match => (match.Groups[1].Value, match.Groups[2].Value));

    /// <summary>Whether a row says how the clause is shown, or why that is not needed.</summary>
    public static bool IsComplete(string row)
    {
        var cells = row.Split('|', StringSplitOptions.TrimEntries);
        return cells.Length == 5 && cells[2].Length > 0 && cells[3].Length > 0;
    }

    [GeneratedRegex(@"MQTT-\d+\.\d+\.\d+-\d+")]
    private static partial Regex Clause();

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Test();
}
