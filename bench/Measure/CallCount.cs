using IotPlatform.Bench.Probe;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Measure;

/// <summary>
/// What the parts of a server that can be asked have sent to each other since it was made, and committed. Counting costs them time: nothing is timed
/// meanwhile.
/// </summary>
internal sealed class CallCount
{
    private static readonly string Requests = MeterCounts.MessagesOf("Request");
    private static readonly string OneWays = MeterCounts.MessagesOf("OneWay");

    private readonly ServerPart[] _parts;

    public CallCount(IServer server)
    {
        _parts = [.. server.Parts.Where(static part => part.Probes.Count > 0)];
        foreach (var probe in _parts.SelectMany(static part => part.Probes))
        {
            probe.Count();
        }
    }

    /// <summary>
    /// Adds, for each kind of process, the requests that it sent to other processes a unit of work. A silo that passes a request on to another one has sent
    /// it too; so are Orleans' own, of which there are a few a second.
    /// </summary>
    public void AddTo(Figures figures, string prefix, double units)
    {
        var (commits, writes, bytes) = (0L, 0L, 0L);
        foreach (var part in _parts)
        {
            var requests = 0L;
            foreach (var probe in part.Probes)
            {
                var counts = probe.Counts();
                requests += counts.GetValueOrDefault(Requests) + counts.GetValueOrDefault(OneWays);
                commits += counts.GetValueOrDefault(MeterCounts.Commits);
                writes += counts.GetValueOrDefault(MeterCounts.Writes);
                bytes += counts.Where(static count => count.Key.StartsWith("bytes.", StringComparison.Ordinal)).Sum(static count => count.Value);
            }

            figures.Add($"{prefix}{part.Kind}_requests", requests / units);
        }

        figures.Add($"{prefix}orleans_bytes", bytes / units);
        figures.Add($"{prefix}store_writes", writes / units).Add($"{prefix}writes_per_commit", commits == 0 ? 0 : writes / (double)commits);
    }
}
