using System.Diagnostics;

namespace IotPlatform.Bench.Measure;

/// <summary>The CPU time used since it was made: by the server, by the load generator, and by everything else on the machine.</summary>
internal sealed class CpuSpan(ProcessMeter server)
{
    private readonly TimeSpan _server = server.Cpu();
    private readonly TimeSpan _load = ProcessMeter.Own.Cpu();
    private readonly TimeSpan _machine = MachineMeter.Busy();
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    /// <summary>
    /// Adds both sides' microseconds a unit of work, and how many cores others kept busy meanwhile: near 0 on a machine of one's own;
    /// rates and latencies mean little where it is not, while CPU time a unit still does.
    /// </summary>
    public void AddTo(Figures figures, string prefix, double units)
    {
        var (used, load, machine) = (server.Cpu() - _server, ProcessMeter.Own.Cpu() - _load, MachineMeter.Busy() - _machine);
        var others = (machine - used - load) / Stopwatch.GetElapsedTime(_startedAt);
        figures
            .Add($"{prefix}server_cpu_us", used.TotalMicroseconds / units)
            .Add($"{prefix}load_cpu_us", load.TotalMicroseconds / units)
            .Add($"{prefix}others_cores", Math.Max(0, others));
    }
}
