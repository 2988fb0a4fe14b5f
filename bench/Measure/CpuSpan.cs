using System.Diagnostics;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Measure;

/// <summary>The CPU time used since it was made: by the server and its parts, by the load generator, and by everything else on the machine.</summary>
internal sealed class CpuSpan(IServer server)
{
    private readonly TimeSpan _server = server.Meter.Cpu();
    private readonly TimeSpan[] _parts = [.. server.Parts.Select(static part => part.Meter.Cpu())];
    private readonly TimeSpan _load = ProcessMeter.Own.Cpu();
    private readonly TimeSpan _machine = MachineMeter.Busy();
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <summary>What the server alone has used so far.</summary>
    public TimeSpan Server() => server.Meter.Cpu() - _server;

    /// <summary>
    /// Adds all sides' microseconds a unit of work, and how many cores others kept busy meanwhile: near 0 on a machine of one's own;
    /// rates and latencies mean little where it is not, while CPU time a unit still does.
    /// </summary>
    public void AddTo(Figures figures, string prefix, double units)
    {
        var (used, load, machine) = (server.Meter.Cpu() - _server, ProcessMeter.Own.Cpu() - _load, MachineMeter.Busy() - _machine);
        var others = (machine - used - load) / Stopwatch.GetElapsedTime(_startedAt);
        figures.Add($"{prefix}server_cpu_us", used.TotalMicroseconds / units);
        for (var index = 0; index < _parts.Length; index++)
        {
            var part = server.Parts[index];
            figures.Add($"{prefix}{part.Kind}_cpu_us", (part.Meter.Cpu() - _parts[index]).TotalMicroseconds / units);
        }

        figures.Add($"{prefix}load_cpu_us", load.TotalMicroseconds / units).Add($"{prefix}others_cores", Math.Max(0, others));
    }
}
