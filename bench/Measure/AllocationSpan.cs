using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Measure;

/// <summary>What the parts of a server that can be asked have allocated since it was made, and how long collecting that has stopped them.</summary>
internal sealed class AllocationSpan
{
    private readonly ServerPart[] _parts;
    private readonly (long Bytes, TimeSpan Paused)[] _before;

    public AllocationSpan(IServer server)
    {
        _parts = [.. server.Parts.Where(static part => part.Probes.Count > 0)];
        _before = Array.ConvertAll(_parts, Read);
    }

    /// <summary>Adds the bytes a unit of work, and the microseconds of all its processes.</summary>
    public void AddTo(Figures figures, string prefix, double units)
    {
        for (var index = 0; index < _parts.Length; index++)
        {
            var (bytes, paused) = Read(_parts[index]);
            figures
                .Add($"{prefix}{_parts[index].Kind}_allocated_bytes", (bytes - _before[index].Bytes) / units)
                .Add($"{prefix}{_parts[index].Kind}_gc_pause_us", (paused - _before[index].Paused).TotalMicroseconds / units);
        }
    }

    private static (long Bytes, TimeSpan Paused) Read(ServerPart part)
    {
        var (bytes, paused) = (0L, TimeSpan.Zero);
        foreach (var probe in part.Probes)
        {
            var read = probe.Allocated();
            bytes += read.Bytes;
            paused += read.Paused;
        }

        return (bytes, paused);
    }
}
