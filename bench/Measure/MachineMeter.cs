using System.Globalization;

namespace IotPlatform.Bench.Measure;

/// <summary>What all processes together have used of this machine, so that a line can say how much of it the benchmark did not have.</summary>
internal static class MachineMeter
{
    // The kernel gives these figures in 1/100 s, whatever its own tick is.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>The time that the CPUs were busy, in sum, including what the hypervisor gave to others.</summary>
    public static TimeSpan Busy()
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest time is already in user and nice.
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Tick * (Of(1) + Of(2) + Of(3) + Of(6) + Of(7) + Of(8));

        long Of(int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);
    }
}
