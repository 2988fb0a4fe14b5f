using System.Globalization;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Measure;

/// <summary>What a process has used so far, read from outside of it.</summary>
internal sealed unsafe class ProcessMeter(int processId)
{
    // How long a process has to be still for, and how still, to be called quiet.
    private static readonly TimeSpan QuietSpan = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan QuietCpuMax = TimeSpan.FromMilliseconds(4);

    public static ProcessMeter Own { get; } = new(Environment.ProcessId);

    /// <summary>User and system time of all threads, ended ones too, to the nanosecond (the figures in /proc/{pid}/stat have 10 ms).</summary>
    public TimeSpan Cpu()
    {
        // Linux makes the clock id of another process's CPU time as MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) does.
        var clock = (~processId << 3) | 2;
        TimeSpecification time;
        RawSocket.Check(Libc.ClockGetTime(clock, &time));
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>Resident memory in KB, counted page by page; the cheaper figure in /proc/{pid}/status is off by what each CPU has not added yet.</summary>
    public long ResidentKilobytes()
    {
        foreach (var line in File.ReadLines($"/proc/{processId}/smaps_rollup"))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(4).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidDataException("The kernel does not tell the resident memory of the server.");
    }

    /// <summary>Waits until the process has finished what it does after a load (compiling, collecting, closing), at most <paramref name="limit"/>.</summary>
    public void WaitUntilQuiet(TimeSpan limit)
    {
        var end = DateTime.UtcNow + limit;
        while (DateTime.UtcNow < end)
        {
            var before = Cpu();
            Thread.Sleep(QuietSpan);
            if (Cpu() - before < QuietCpuMax)
            {
                return;
            }
        }
    }
}
