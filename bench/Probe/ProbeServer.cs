using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace IotPlatform.Bench.Probe;

/// <summary>
/// Runs inside a measured process and answers, on a socket, what can not be seen from outside: its heap after a collection, what it has allocated, and what
/// its meters count. Does nothing between two questions, except for counting where that was asked for.
/// </summary>
internal static class ProbeServer
{
    /// <summary>The environment variable that says where to listen.</summary>
    public const string PathVariable = "IOT_BENCH_PROBE";

    /// <summary>Collects all garbage, gives the memory back, and answers the bytes that are left.</summary>
    public const string Settle = "settle";

    /// <summary>Answers what was allocated since the start, and for how long collections have stopped everything.</summary>
    public const string Allocated = "allocated";

    /// <summary>Counts from here on. It costs the process time, so that what is counted is not timed.</summary>
    public const string Count = "count";

    /// <summary>Counts commits and writes of the store from here on, which costs nothing that could be measured.</summary>
    public const string CountStore = "count-store";

    /// <summary>Answers what was counted, and stops counting.</summary>
    public const string Counts = "counts";

    public static void Start(string path) => new Thread(() => Run(path)) { IsBackground = true, Name = "benchmark's probe" }.Start();

    private static void Run(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        while (true)
        {
            using var client = listener.Accept();
            Serve(client);
        }
    }

    private static void Serve(Socket client)
    {
        using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        MeterCounts? counts = null;
        while (reader.ReadLine() is { } question)
        {
            stream.Write(Encoding.ASCII.GetBytes(Answer(question, ref counts) + "\n"));
        }

        counts?.Dispose();
    }

    private static string Answer(string question, ref MeterCounts? counts)
    {
        switch (question)
        {
            case Settle:
                return Line(("heap", SettledHeap()));
            case Allocated:
                return Line(
                    ("bytes", GC.GetTotalAllocatedBytes()),
                    ("pause_us", (long)GC.GetTotalPauseDuration().TotalMicroseconds),
                    ("collections", GC.CollectionCount(0)));
            case Count:
                counts?.Dispose();
                counts = new MeterCounts();
                return "";
            case CountStore:
                counts?.Dispose();
                counts = new MeterCounts(isStoreOnly: true);
                return "";
            case Counts:
                var read = counts?.Read() ?? [];
                counts?.Dispose();
                counts = null;
                return Line([.. read]);
            default:
                throw new InvalidDataException($"The benchmark asked {question}, which its probe does not know.");
        }
    }

    // What is only reachable through finalizers goes with the second one.
    private static long SettledHeap()
    {
        for (var round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static string Line(params (string Key, long Value)[] values) =>
        string.Join(' ', values.Select(static value => string.Create(CultureInfo.InvariantCulture, $"{value.Key}={value.Value}")));
}
