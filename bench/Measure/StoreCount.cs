using IotPlatform.Bench.Probe;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Measure;

/// <summary>What the store has committed since it was made, as its own meter counts. Costs the server nothing: it counts once a commit.</summary>
internal sealed class StoreCount
{
    private readonly ProbeClient[] _probes;

    public StoreCount(IServer server)
    {
        _probes = [.. server.Parts.SelectMany(static part => part.Probes)];
        foreach (var probe in _probes)
        {
            probe.CountStore();
        }
    }

    /// <summary>Adds what shares a commit, commits a second, and writes a unit of work; nothing where the server can not be asked.</summary>
    public void AddTo(Figures figures, double units, TimeSpan span)
    {
        if (_probes.Length == 0)
        {
            return;
        }

        var (commits, writes) = (0L, 0L);
        foreach (var probe in _probes)
        {
            var counts = probe.Counts();
            commits += counts.GetValueOrDefault(MeterCounts.Commits);
            writes += counts.GetValueOrDefault(MeterCounts.Writes);
        }

        figures
            .Add("rows_a_commit", commits == 0 ? 0 : writes / (double)commits)
            .Add("commits", commits / span.TotalSeconds)
            .Add("store_writes", writes / units);
    }
}
