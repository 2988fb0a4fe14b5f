using System.Text.RegularExpressions;

namespace IotPlatform.Mqtt.Tests.Conformance;

/// <summary>The sources that these tests were built from.</summary>
internal static partial class Repository
{
    /// <summary>Its folder: the one above the build that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every test of every test project, as class and method.</summary>
    public static HashSet<(string Class, string Method)> Tests()
    {
        var tests = new HashSet<(string, string)>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*Tests.cs", SearchOption.AllDirectories))
        {
            var source = File.ReadAllText(file);
            var name = ClassName().Match(source).Groups[1].Value;
            tests.UnionWith(TestMethod().Matches(source).Select(method => (name, method.Groups[1].Value)));
        }

        return tests;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles("*.sln").Any())
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No solution above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"class (\w+Tests)\b")]
    private static partial Regex ClassName();

    // What carries an attribute directly above it, be it Fact, Theory or the data of one.
    [GeneratedRegex(@"\[[^\n]*\][^\n]*\n\s*public (?:async )?(?:void|Task) (\w+)\(")]
    private static partial Regex TestMethod();
}
