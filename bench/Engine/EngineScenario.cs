using System.Diagnostics;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Scenarios;
using IotPlatform.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace IotPlatform.Bench.Engine;

/// <summary>What the embedded engine costs by itself: a call, an activation, an idle activation's memory. In this process, on one thread.</summary>
internal sealed class EngineScenario : IScenario
{
    private const int Rounds = 5;

    public string Name => "engine";

    public string Summary => "the embedded engine by itself: nanoseconds and bytes a call, activations a second, bytes an idle activation";

    public IReadOnlyList<string> Options => ["--calls N        calls a round (2,000,000)", "--activations N  grains a round (300,000)", "--smoke          a hundredth of both"];

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var divisor = arguments.Switch("smoke") ? 100 : 1;
        var calls = arguments.Number("calls", 2_000_000, 1, int.MaxValue) / divisor;
        var activations = arguments.Number("activations", 300_000, 1, 10_000_000) / divisor;
        arguments.RefuseUnread();

        await using var services = new ServiceCollection()
            .AddLogging()
            .AddEmbeddedEngine(static options => options.GrainAssemblies.Add(typeof(EngineScenario).Assembly))
            .BuildServiceProvider();
        var grains = services.GetRequiredService<IGrainFactory>();
        var rounds = new List<Figures>();
        for (var i = 0; i < Rounds + 1; i++)
        {
            var figures = new Figures();
            var isRight = await MeasureCallsAsync(grains, calls, figures) & await MeasureActivationsAsync(grains, activations, $"{i}", figures);
            if (!isRight)
            {
                output.WriteLine("engine: a grain gave a wrong answer");
                return false;
            }

            rounds.Add(figures);
        }

        var line = new ResultLine().Add("scenario", Name).Add("target", "embedded").Add("result", "ok").Add("calls", calls).Add("activations", activations);

        // The first round is the warm-up.
        Figures.MedianOf(rounds[1..]).AppendTo(line);
        output.WriteLine(line);
        return true;
    }

    private static async Task<bool> MeasureCallsAsync(IGrainFactory grains, int calls, Figures figures)
    {
        var grain = grains.GetGrain<IPingGrain>("ping/0");
        var sum = 0L;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < calls; i++)
        {
            sum += await grain.PingAsync(1);
        }

        figures.Add("call_ns", watch.Elapsed.TotalNanoseconds / calls);
        figures.Add("call_bytes", (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)calls);

        // A turn that waits is queued and goes through the thread pool.
        watch.Restart();
        for (var i = 0; i < calls / 10; i++)
        {
            sum += await grain.YieldAsync(1);
        }

        figures.Add("waiting_call_ns", watch.Elapsed.TotalNanoseconds / (calls / 10));
        return sum == calls + (calls / 10);
    }

    private static async Task<bool> MeasureActivationsAsync(IGrainFactory grains, int activations, string round, Figures figures)
    {
        var keys = new string[activations];
        for (var i = 0; i < activations; i++)
        {
            keys[i] = $"ping/{round}/{i}";
        }

        var sum = 0L;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        foreach (var key in keys)
        {
            sum += await grains.GetGrain<IPingGrain>(key).PingAsync(1);
        }

        figures.Add("activations_per_s", activations / watch.Elapsed.TotalSeconds);
        figures.Add("idle_bytes", (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)activations);
        GC.KeepAlive(keys);
        return sum == activations;
    }
}
