using System.ComponentModel;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Scenarios;

/// <summary>
/// Runs one measurement on each server, one after the other, and prints a line for each. The floor runs first in every round, so that a
/// ratio compares what was measured moments apart on a machine that others may share.
/// </summary>
internal sealed class Comparison(string scenario, ComparisonOptions options, TextWriter output)
{
    // Every ratio is this server's figure by the floor's.
    private static readonly (string Ratio, string Figure)[] Ratios =
    [
        ("ratio_cpu", "server_cpu_us"),
        ("ratio_rate", "rate"),
        ("ratio_last_device", "last_device_ms_p50"),
        ("ratio_online", "online_ms"),
        ("ratio_ping_cpu", "ping_cpu_us"),
        ("ratio_pong", "pong_ms_p99"),
    ];

    // And this is by how much it is more.
    private static readonly (string Difference, string Figure)[] Differences =
    [
        ("online_ms_over_floor", "online_ms"),
        ("again_online_ms_over_floor", "again_online_ms"),
    ];

    private readonly Dictionary<string, List<Figures>> _rounds = [];

    /// <summary>Ratios that this scenario has besides.</summary>
    public IReadOnlyList<(string Ratio, string Figure)> MoreRatios { get; init; } = [];

    /// <summary>What is no number, and is told of a server in each of its lines.</summary>
    public Func<IServerKind, IReadOnlyList<(string Key, string Value)>> FactsOf { get; init; } = static _ => [];

    public bool Broadcast(BroadcastLoad load) => Run((server, faults) =>
    {
        using var run = new BroadcastRun(server, load, faults);
        return run.Run();
    });

    public bool Connect(ConnectLoad load) => Run((server, faults) =>
    {
        using var run = new ConnectRun(server, load, faults);
        return run.Run();
    });

    /// <summary>Answers whether every server could be run and none had a fault. A peer that is not installed is no fault.</summary>
    public bool Run(Func<IServer, Faults, Figures> measure)
    {
        var present = options.Peers.Where(IsInstalled).ToArray();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var kind in options.Kinds.Concat(present))
            {
                if (!TryRun(kind, measure))
                {
                    return false;
                }
            }
        }

        PrintMedians();
        return true;
    }

    private bool IsInstalled(IServerKind peer)
    {
        if (peer.WhyAbsent() is not { } reason)
        {
            return true;
        }

        output.WriteLine($"{scenario}: {reason}, left out");
        return false;
    }

    private bool TryRun(IServerKind kind, Func<IServer, Faults, Figures> measure)
    {
        var faults = new Faults();
        if (kind.WhyAbsent() is { } reason)
        {
            faults.Add(reason);
        }
        else
        {
            Measure(kind, measure, faults);
        }

        foreach (var told in faults.Told)
        {
            Console.Error.WriteLine($"{scenario} on {kind.Name}: {told}");
        }

        if (faults.Count > faults.Told.Count)
        {
            Console.Error.WriteLine($"{scenario} on {kind.Name}: {faults.Count - faults.Told.Count} faults more");
        }

        return faults.Count == 0;
    }

    private void Measure(IServerKind kind, Func<IServer, Faults, Figures> measure, Faults faults)
    {
        try
        {
            using var server = kind.Start();
            Measure(kind, server, measure, faults);
        }
        catch (ServerStartException exception)
        {
            faults.Add(exception.Message);
        }
    }

    private void Measure(IServerKind kind, IServer server, Func<IServer, Faults, Figures> measure, Faults faults)
    {
        try
        {
            Report(kind, measure(server, faults), faults);
        }
        catch (Exception exception) when (exception is IOException or Win32Exception)
        {
            faults.Add($"the load could not go on: {exception.Message}");
        }

        if (faults.Count > 0)
        {
            Console.Error.WriteLine(server.LogTail);
        }
    }

    private void Report(IServerKind kind, Figures figures, Faults faults)
    {
        if (!_rounds.TryGetValue(kind.Name, out var rounds))
        {
            _rounds.Add(kind.Name, rounds = []);
        }

        rounds.Add(figures);
        AddRatios(kind, figures);
        Print(kind.Name, figures, faults.Count == 0 ? "ok" : "failed", FactsOf(kind));
    }

    private void AddRatios(IServerKind kind, Figures figures)
    {
        if (kind is FloorKind || !_rounds.TryGetValue("floor", out var floor))
        {
            return;
        }

        foreach (var (ratio, figure) in Ratios.Concat(MoreRatios))
        {
            figures.AddRatio(ratio, figure, floor[^1]);
        }

        foreach (var (difference, figure) in Differences)
        {
            figures.AddDifference(difference, figure, floor[^1]);
        }
    }

    private void PrintMedians()
    {
        if (options.Rounds > 1)
        {
            foreach (var (name, rounds) in _rounds)
            {
                Print(name, Figures.MedianOf(rounds), $"median_of_{rounds.Count}", []);
            }
        }
    }

    private void Print(string target, Figures figures, string result, IReadOnlyList<(string Key, string Value)> facts)
    {
        var line = new ResultLine().Add("scenario", scenario).Add("target", target).Add("result", result);
        foreach (var (key, value) in facts)
        {
            line.Add(key, value);
        }

        figures.AppendTo(line);
        output.WriteLine(line);
        output.Flush();
    }
}
