using System.ComponentModel;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;
using IotPlatform.Testkit;
using Npgsql;

namespace IotPlatform.Bench.Scenarios;

/// <summary>
/// Measures Orleans alone, then the platform in one process, then as clusters of every shape, and prints a line for each step. What was measured in the same
/// run is what the ratios compare with.
/// </summary>
internal sealed class ClusterComparison(ClusterOptions options, ClusterPrograms programs, PostgresServer postgres, TextWriter output)
{
    private const string StandaloneName = "standalone";

    // This cluster's figure by that of the platform in one process.
    private static readonly (string Ratio, string Figure)[] Ratios =
    [
        ("ratio_cpu", "server_cpu_us"),
        ("ratio_again_cpu", "again_server_cpu_us"),
        ("ratio_rate", "rate"),
    ];

    private readonly Dictionary<string, Figures> _standalone = [];
    private BareCosts? _bare;

    /// <summary>Answers whether everything could be run and nothing had a fault.</summary>
    public async Task<bool> RunAsync()
    {
        var isRight = (!Wants("bare") || MeasureBare()) && MeasureStandalone();
        foreach (var shape in options.Steps.Any(static step => step != "bare") ? options.Shapes : [])
        {
            isRight = isRight && await MeasureAsync(shape);
        }

        return isRight;
    }

    private bool Wants(string step) => options.Steps.Contains(step);

    private bool MeasureBare() => Measure("bare", "orleans", static () => "", faults =>
    {
        var figures = new Figures();
        using var bare = BareOrleans.Start(programs.Bench, options.Shapes[0].SiloSettings);
        bare.Run(BareOrleans.Call, options.BareCalls, options.BareAtOnce);
        bare.Run(BareOrleans.RoundTrip, options.BareCalls, options.BareAtOnce);
        MeasureBare(figures, bare, "", options.BareAtOnce);
        MeasureBare(figures, bare, "many_", options.BareManyAtOnce);
        bare.MeasureActivations(figures, options.BareCalls / 2, options.BareManyAtOnce);
        _bare = new BareCosts(figures);
        return figures;
    });

    // Calls that come together travel together, and cost each other less.
    private void MeasureBare(Figures figures, BareOrleans bare, string prefix, int atOnce)
    {
        figures.Add($"{prefix}at_once", atOnce);
        bare.Measure(figures, prefix, BareOrleans.Call, options.BareCalls, atOnce);
        bare.Measure(figures, prefix, BareOrleans.RoundTrip, options.BareCalls, atOnce);
    }

    private bool MeasureStandalone()
    {
        if (options.Standalone is not { } path)
        {
            return true;
        }

        var kind = new GatewayKind(path, isProbed: true);
        if (kind.WhyAbsent() is { } reason)
        {
            Console.Error.WriteLine($"cluster: {reason}");
            return false;
        }

        // A process for each step, as with "connect" and "broadcast-wide": none finds the traces of another.
        return Array.TrueForAll(["connect", "messages", "broadcast"], step => !Wants(step) || MeasureOn(StandaloneName, kind.StartPlatform, [step]));
    }

    private async Task<bool> MeasureAsync(ClusterShape shape)
    {
        var target = $"{shape.Silos}x{shape.Gateways}";
        try
        {
            using var database = await ClusterDatabase.CreateAsync(postgres, programs.Silo);
            return MeasureOn(target, () => Cluster.Start(programs, database, shape), options.Steps);
        }
        catch (Exception exception) when (exception is ServerStartException or NpgsqlException)
        {
            Console.Error.WriteLine($"cluster {target}: {exception.Message}");
            return false;
        }
    }

    private bool MeasureOn(string target, Func<IPlatform> start, IReadOnlyList<string> steps)
    {
        try
        {
            using var platform = start();
            return steps.All(step => MeasureStep(step, target, platform));
        }
        catch (ServerStartException exception)
        {
            Console.Error.WriteLine($"cluster {target}: {exception.Message}");
            return false;
        }
    }

    private bool MeasureStep(string step, string target, IPlatform platform) => step switch
    {
        "connect" => Measure(step, target, () => platform.LogTail, faults =>
        {
            using var run = new ConnectRun(platform, options.Connect, faults);
            return run.Run();
        }),
        "messages" => Measure(step, target, () => platform.LogTail, faults =>
        {
            using var run = new MessageRun(platform, options.Messages, faults);
            return run.Run();
        }),
        "broadcast" => Measure(step, target, () => platform.LogTail, faults =>
        {
            using var run = new BroadcastRun(platform, options.Broadcasts, faults);
            return run.Run();
        }),
        "reattach" when platform is Cluster { HasSilosToSpare: true } cluster => Measure(step, target, () => platform.LogTail, faults =>
        {
            using var run = new ReattachRun(cluster, options.Reattach, faults);
            return run.Run();
        }),
        _ => true,
    };

    private bool Measure(string step, string target, Func<string> logTail, Func<Faults, Figures> measure)
    {
        var faults = new Faults();
        try
        {
            var figures = measure(faults);
            AddRatios(step, target, figures);
            Print(step, target, figures, faults.Count == 0 ? "ok" : "failed");
        }
        catch (Exception exception) when (exception is IOException or Win32Exception or ServerStartException)
        {
            faults.Add($"the load could not go on: {exception.Message}");
        }

        if (faults.Count > 0)
        {
            Console.Error.WriteLine($"cluster-{step} on {target}: {faults.Count} faults\n{string.Join('\n', faults.Told)}\n{logTail()}");
        }

        return faults.Count == 0;
    }

    private void AddRatios(string step, string target, Figures figures)
    {
        if (target == StandaloneName)
        {
            _standalone[step] = figures;
            return;
        }

        _bare?.AddRatio(step, figures);
        if (_standalone.TryGetValue(step, out var standalone))
        {
            foreach (var (ratio, figure) in Ratios)
            {
                figures.AddRatio(ratio, figure, standalone);
            }
        }
    }

    private void Print(string step, string target, Figures figures, string result)
    {
        var line = new ResultLine().Add("scenario", $"cluster-{step}").Add("target", target).Add("result", result);
        figures.AppendTo(line);
        output.WriteLine(line);
        output.Flush();
    }
}
