using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Measure;

/// <summary>
/// The memory that came since it was made. Where a server's parts can be asked, it is what is left after their garbage has been collected, and their heap
/// beside it; otherwise what is resident at that moment.
/// </summary>
internal sealed class MemorySpan
{
    private readonly IServer _server;
    private readonly ServerPart[] _parts;
    private readonly (long Heap, long Resident)[] _before;
    private readonly long _resident;

    public MemorySpan(IServer server)
    {
        _server = server;
        _parts = [.. server.Parts.Where(static part => part.Probes.Count > 0)];
        _before = Array.ConvertAll(_parts, Read);
        _resident = _parts.Length == 0 ? server.Meter.ResidentKilobytes() : 0;
    }

    /// <summary>Adds the KB of one connection.</summary>
    public void AddTo(Figures figures, string prefix, double connections)
    {
        if (_parts.Length == 0)
        {
            figures.Add($"{prefix}rss_kb_per_connection", (_server.Meter.ResidentKilobytes() - _resident) / connections);
        }

        for (var index = 0; index < _parts.Length; index++)
        {
            var (heap, resident) = Read(_parts[index]);
            figures
                .Add($"{prefix}{_parts[index].Kind}_rss_kb_per_connection", (resident - _before[index].Resident) / connections)
                .Add($"{prefix}{_parts[index].Kind}_heap_kb_per_connection", (heap - _before[index].Heap) / 1024.0 / connections);
        }
    }

    private static (long Heap, long Resident) Read(ServerPart part)
    {
        var heap = part.Probes.Sum(static probe => probe.SettledHeap());
        return (heap, part.Meter.ResidentKilobytes());
    }
}
