using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Scenarios;
using IotPlatform.Devices;
using IotPlatform.Storage;

namespace IotPlatform.Bench.Store;

/// <summary>The durable store by itself: callers that each wait for their message to be on disk, then for a device to be found.</summary>
internal sealed class StoreScenario : IScenario
{
    private const int Devices = 10_000;

    private static readonly int[] Callers = [64, 1_000];

    public string Name => "store";

    public string Summary => "the durable store by itself: messages made durable and devices found a second, and how many share a commit";

    public IReadOnlyList<string> Options =>
    [
        "--store NAME     sqlite (default), or postgres: a server of its own, with fsync",
        "--callers N      callers that wait each for one message at a time (64, then 1,000)",
        "--payload N      bytes a message (256)",
        "--seconds S      a measurement (5)",
        "--smoke          a twentieth of that",
    ];

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var name = arguments.Text("store") ?? "sqlite";
        var create = StoreUnderLoad.Named(name);
        var only = arguments.Number("callers", 0, 1, 100_000);
        var payload = new byte[arguments.Number("payload", 256, 1, 1_000_000)];
        var span = arguments.Seconds("seconds") ?? TimeSpan.FromSeconds(5);
        span = arguments.Switch("smoke") ? span / 20 : span;
        arguments.RefuseUnread();
        Random.Shared.NextBytes(payload);

        await using var store = await create();
        await RegisterAsync(store.Registry);
        using var commits = new CommitCount();
        await AppendAsync(store.Messages, payload, 0, Callers[0], span / 5, new LatencyHistogram());
        var round = 0;
        foreach (var callers in only > 0 ? [only] : Callers)
        {
            var line = new ResultLine().Add("scenario", Name).Add("target", name).Add("result", "ok").Add("callers", callers).Add("payload", payload.Length);
            var (latency, before) = (new LatencyHistogram(), (commits.Commits, commits.Writes));
            var rate = await AppendAsync(store.Messages, payload, ++round, callers, span, latency);
            var figures = new Figures()
                .Add("rate", rate)
                .Add("rows_a_commit", (commits.Writes - before.Writes) / (double)(commits.Commits - before.Commits))
                .Add("commits", (commits.Commits - before.Commits) / span.TotalSeconds)
                .AddPercentiles("append_ms", latency);
            latency = new LatencyHistogram();
            figures.Add("finds", await FindAsync(store, callers, span, latency)).AddPercentiles("find_ms", latency).AppendTo(line);
            output.WriteLine(line);
        }

        return true;
    }

    private static async Task RegisterAsync(IRegistryStore registry)
    {
        foreach (var numbers in Enumerable.Range(0, Devices).Chunk(1_000))
        {
            ImmutableArray<DeviceRegistration> devices =
                [.. numbers.Select(static i => new DeviceRegistration(Device(i), "0123456789abcdef0123456789abcdef", true, DateTimeOffset.UnixEpoch))];
            await registry.TryAddDevicesAsync(devices);
        }
    }

    private static async Task<double> AppendAsync(IMessageStore store, byte[] payload, int round, int callers, TimeSpan span, LatencyHistogram latency)
    {
        var now = DateTimeOffset.UnixEpoch;
        return await RepeatAsync(callers, span, latency, (caller, i) => store.TryAppendAsync(new DeviceMessage(
            Device(((caller * 31) + i) % Devices), $"{round}-{caller}-{i}", (((round * 1_000_000L) + caller) * 100_000_000) + i, "", payload, "/p/d/user/get", false, 1,
            now, now.AddDays(1), MessageProgress.Accepted)));
    }

    // What a grain does that comes to memory.
    private static Task<double> FindAsync(StoreUnderLoad store, int callers, TimeSpan span, LatencyHistogram latency) =>
        RepeatAsync(callers, span, latency, async (caller, i) => await store.Registry.FindDeviceAsync(Device(((caller * 31) + i) % Devices)) is not null);

    /// <returns>Calls a second.</returns>
    private static async Task<double> RepeatAsync(int callers, TimeSpan span, LatencyHistogram latency, Func<int, int, Task<bool>> call)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var i = 0;
            for (; clock.Elapsed < span; i++)
            {
                var start = Stopwatch.GetTimestamp();
                if (!await call(caller, i))
                {
                    throw new InvalidOperationException("A message was refused, or a device not found.");
                }

                lock (latency)
                {
                    latency.Record(Stopwatch.GetTimestamp() - start);
                }
            }

            return i;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static DeviceId Device(int number) => new("bench", $"device-{number}");

    /// <summary>What the store's meter counts.</summary>
    private sealed class CommitCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _commits;
        private long _writes;

        public CommitCount()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name is "iot.store.commits" or "iot.store.writes")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) =>
                Interlocked.Add(ref instrument.Name == "iot.store.commits" ? ref _commits : ref _writes, count));
            _listener.Start();
        }

        public long Commits => Interlocked.Read(ref _commits);

        public long Writes => Interlocked.Read(ref _writes);

        public void Dispose() => _listener.Dispose();
    }
}
