using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>
/// Very many messages that wait for devices that are away: what they take of memory, what they cost a start, and how soon devices have theirs that come at a pace.
/// A device disconnects when it has its last one: a process can not hold as many connections.
/// </summary>
internal sealed class PendingRun(DurableGateway gateway, SendLoad load, Faults faults)
{
    public Figures Run()
    {
        var figures = new Figures().Add("messages", load.Messages).Add("devices", load.Devices).Add("payload", load.PayloadBytes);
        var (ledger, empty) = Fill(figures);
        if (faults.Count > 0)
        {
            return figures;
        }

        var ready = gateway.Restart();
        var serving = ready + FirstAnswer(expected: (load.Messages + load.Devices - 1) / load.Devices);
        figures.Add("ready_s", ready.TotalSeconds).Add("serving_s", serving.TotalSeconds);
        AddMemory(figures, "", empty);
        Collect(figures, ledger);
        return figures.Add("doubled", ledger.Doubled);
    }

    // The memory that is compared with is that of a process as new as the later one, which knows the same devices.
    private (MessageLedger Ledger, (long Heap, long Resident) Empty) Fill(Figures figures)
    {
        using var traffic = new MessageTraffic(gateway, load, MessageApi.Stream, faults);
        traffic.Register();
        var ready = gateway.Restart();
        figures.Add("empty_serving_s", (ready + FirstAnswer(expected: 0)).TotalSeconds);
        var empty = gateway.SettledMemory();
        traffic.Open();
        var cpu = new CpuSpan(gateway);
        var startedAt = Stopwatch.GetTimestamp();
        traffic.Send(load.Messages);
        figures.Add("accepted_rate", load.Messages / Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        cpu.AddTo(figures, "accepted_", load.Messages);
        AddMemory(figures, "taken_", empty);
        if (traffic.Ledger.Answered < load.Messages)
        {
            faults.Add($"{load.Messages - traffic.Ledger.Answered} of {load.Messages} messages were not answered");
        }

        return (traffic.Ledger, empty);
    }

    private TimeSpan FirstAnswer(int expected)
    {
        using var stored = new StoredMessages(gateway);
        var startedAt = Stopwatch.GetTimestamp();
        var pending = stored.PendingOf(MessageFleet.Names.NameOf(0));
        if (pending != expected)
        {
            faults.Add($"{pending} messages wait for {MessageFleet.Names.NameOf(0)} after a restart, instead of {expected}");
        }

        return Stopwatch.GetElapsedTime(startedAt);
    }

    private void AddMemory(Figures figures, string prefix, (long Heap, long Resident) empty)
    {
        var (heap, resident) = gateway.SettledMemory();
        figures
            .Add($"{prefix}heap_bytes_per_message", (heap - empty.Heap) / (double)load.Messages)
            .Add($"{prefix}rss_bytes_per_message", (resident - empty.Resident) / (double)load.Messages)
            .Add($"{prefix}rss_mb", resident / (1024.0 * 1024));
    }

    private void Collect(Figures figures, MessageLedger ledger)
    {
        var collection = new Collection(gateway, load, ledger, faults) { PerSecond = load.ConnectsPerSecond };
        var store = new StoreCount(gateway);
        var cpu = new CpuSpan(gateway);
        var startedAt = Stopwatch.GetTimestamp();
        collection.Run();
        var span = Stopwatch.GetElapsedTime(startedAt);
        figures
            .Add("connects_per_s", load.ConnectsPerSecond)
            .Add("connect_rate", load.Devices / span.TotalSeconds)
            .AddPercentiles("online_ms", collection.OnlineLatency)
            .AddPercentiles("last_message_ms", collection.LastMessageLatency)
            .Add("last_message_ms_max", collection.LastMessageLatency.MillisecondsAt(1));
        cpu.AddTo(figures, "", load.Messages);
        store.AddTo(figures, load.Messages, span);
        MessageTraffic.AwaitStored(gateway, faults);
        ledger.Close();
    }
}
