using System.Globalization;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Measure;

/// <summary>What a process, or several together, have used so far, read from outside of them.</summary>
internal sealed unsafe class ProcessMeter
{
    // How long processes have to be still for, and how still, to be called quiet.
    private static readonly TimeSpan QuietSpan = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan QuietCpuMax = TimeSpan.FromMilliseconds(4);

    private readonly Func<IEnumerable<int>> _processes;

    // What an ended process has used counts on.
    private readonly Dictionary<int, TimeSpan> _cpu = [];

    public ProcessMeter(int process)
        : this(() => [process])
    {
    }

    private ProcessMeter(Func<IEnumerable<int>> processes) => _processes = processes;

    public static ProcessMeter Own { get; } = new(Environment.ProcessId);

    /// <summary>A process and those that it starts, whenever it does.</summary>
    public static ProcessMeter OfTree(int root) => new(() => [root, .. ChildrenOf(root)]);

    /// <summary>Several as one.</summary>
    public static ProcessMeter Together(IReadOnlyList<ProcessMeter> meters) => new(() => meters.SelectMany(static meter => meter._processes()));

    /// <summary>User and system time of all threads, ended ones too, to the nanosecond (the figures in /proc/{pid}/stat have 10 ms).</summary>
    public TimeSpan Cpu()
    {
        foreach (var process in _processes())
        {
            if (TryReadCpu(process, out var cpu))
            {
                _cpu[process] = cpu;
            }
        }

        var sum = TimeSpan.Zero;
        foreach (var cpu in _cpu.Values)
        {
            sum += cpu;
        }

        return sum;
    }

    /// <summary>Resident memory in KB, counted page by page; the cheaper figure in /proc/{pid}/status is off by what each CPU has not added yet.</summary>
    public long ResidentKilobytes() => _processes().Sum(ResidentKilobytesOf);

    /// <summary>Waits until the processes have finished what they do after a load (compiling, collecting, closing), at most <paramref name="limit"/>.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <param name="idleCores">What they use when nothing is asked of them, in cores.</param>
    public void WaitUntilQuiet(TimeSpan limit, double idleCores = 0)
    {
        var end = DateTime.UtcNow + limit;
        while (DateTime.UtcNow < end)
        {
            var before = Cpu();
            Thread.Sleep(QuietSpan);
            if (Cpu() - before < QuietCpuMax + (QuietSpan * idleCores))
            {
                return;
            }
        }
    }

    private static bool TryReadCpu(int process, out TimeSpan cpu)
    {
        // Linux makes the clock id of another process's CPU time as MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) does.
        var clock = (~process << 3) | 2;
        TimeSpecification time;
        var isThere = Libc.ClockGetTime(clock, &time) == 0;
        cpu = isThere ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick) : default;
        return isThere;
    }

    private static long ResidentKilobytesOf(int process)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/smaps_rollup"))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(4).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidDataException("The kernel does not tell the resident memory of the server.");
    }

    private static IEnumerable<int> ChildrenOf(int process) =>
        File.ReadAllText($"/proc/{process}/task/{process}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static id => int.Parse(id, CultureInfo.InvariantCulture));
}
