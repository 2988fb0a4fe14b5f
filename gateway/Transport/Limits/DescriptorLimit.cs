using System.Globalization;

namespace IotPlatform.Transport.Limits;

/// <summary>
/// How many connections the files allow that this process may have open (RLIMIT_NOFILE): at that bound nothing goes any more, neither a new connection nor the store nor
/// the runtime itself, which ends the process.
/// </summary>
internal static class DescriptorLimit
{
    /// <summary>For the store, the APIs' callers, other processes of the cluster, and the runtime.</summary>
    private const int Reserved = 512;

    private const string Path = "/proc/self/limits";
    private const string Name = "Max open files";

    /// <summary>Connections that there may be; null where the system says nothing, or sets no bound.</summary>
    public static int? ConnectionsMax { get; } = File.Exists(Path) ? Read(File.ReadAllLines(Path)) : null;

    /// <summary>Reads it from the lines of <c>/proc/self/limits</c>.</summary>
    public static int? Read(IEnumerable<string> lines)
    {
        // Max open files            20000                20000                files
        var soft = lines.FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var max) ? Math.Max(max / 2, max - Reserved) : null;
    }
}
