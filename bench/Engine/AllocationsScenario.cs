using System.Diagnostics;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Measure;
using IotPlatform.Bench.Scenarios;
using IotPlatform.Broadcasts;

namespace IotPlatform.Bench.Engine;

/// <summary>
/// What a delivery of a broadcast allocates, from the call of a shard to the connection: nothing. Measured at two numbers of connections, so that what a
/// broadcast allocates once does not count; and in the cheapest of many broadcasts, because other threads of the process allocate as well.
/// </summary>
internal sealed class AllocationsScenario : IScenario
{
    private const int Few = 100;
    private const int Rounds = 200;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private long _nextMessageId = 1;

    public string Name => "allocations";

    public string Summary => "bytes allocated a delivery in a gateway in this process; exits with 1 when that is 1 or more";

    public IReadOnlyList<string> Options =>
    [
        "--connections N    devices (4,000)",
        "--at-once N        broadcasts in a batch (1)",
        "--payload N        bytes, at least 8 (64)",
        "--smoke            1,000 devices",
    ];

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var count = arguments.Number("connections", arguments.Switch("smoke") ? 1_000 : 4_000, 2 * Few, 1_000_000);
        var atOnce = arguments.Number("at-once", 1, 1, 1_000);
        var payload = new byte[arguments.Number("payload", 64, PayloadPattern.BytesMin, 65_536)];
        arguments.RefuseUnread();
        await using var gateway = await MemoryGateway.StartAsync();
        using var fleet = new MemoryFleet(gateway);
        await fleet.ConnectAsync(Few);
        for (var startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < WarmUp;)
        {
            await BroadcastAsync(gateway, atOnce, payload);
        }

        var few = await CheapestAsync(gateway, fleet, atOnce, payload);
        await fleet.ConnectAsync(count);
        var many = await CheapestAsync(gateway, fleet, atOnce, payload);
        var each = (many.Bytes - few.Bytes) / (double)((count - Few) * atOnce);

        // The least object has 24 bytes. What a broadcast allocates once may have become less with the compiler's second look at it.
        var isFree = Math.Abs(each) < 1;
        var isDelivered = few.Publishes == (long)Rounds * atOnce * Few && many.Publishes == (long)Rounds * atOnce * count;
        await output.WriteLineAsync(new ResultLine()
            .Add("scenario", Name).Add("target", "embedded").Add("result", isDelivered && isFree ? "ok" : "failed")
            .Add("connections", count).Add("at_once", atOnce).Add("payload", payload.Length)
            .Add("bytes_per_delivery", each).Add("bytes_per_broadcast", few.Bytes / (double)atOnce)
            .ToString());
        if (!isDelivered)
        {
            await Console.Error.WriteLineAsync($"{Name}: {few.Publishes} and {many.Publishes} deliveries came of {Rounds} times {atOnce} broadcasts to {Few} and {count} devices");
        }

        return isDelivered && isFree;
    }

    private static long Publishes(MemoryFleet fleet) => fleet.Devices.Sum(static device => (long)device.Publishes);

    private async Task<(long Bytes, long Publishes)> CheapestAsync(MemoryGateway gateway, MemoryFleet fleet, int atOnce, byte[] payload)
    {
        var (cheapest, publishes) = (long.MaxValue, Publishes(fleet));
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await BroadcastAsync(gateway, atOnce, payload);
            cheapest = Math.Min(cheapest, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return (cheapest, Publishes(fleet) - publishes);
    }

    // As grains do: every shard, with the same messages.
    private async Task BroadcastAsync(MemoryGateway gateway, int atOnce, byte[] payload)
    {
        var messages = new BroadcastMessage[atOnce];
        for (var i = 0; i < atOnce; i++)
        {
            messages[i] = new BroadcastMessage(_nextMessageId++, DeviceNames.DemoProduct, null, 0, payload);
        }

        foreach (var shard in gateway.Shards.References)
        {
            await shard.BroadcastAsync(new BroadcastBatch([.. messages]));
        }
    }
}
