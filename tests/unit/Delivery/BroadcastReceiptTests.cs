using System.Collections.Concurrent;
using System.Globalization;
using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>Receipts are right to the unit while devices come, go and stall, and every device gets broadcasts in their order.</summary>
public sealed class BroadcastReceiptTests : IAsyncDisposable
{
    private const int Devices = 40;
    private const int Broadcasts = 400;

    private readonly Edge _edge = new();
    private readonly ConcurrentBag<FakeConnection> _connections = [];

    private GatewayShard Shard => _edge.Shards.ShardOf(0);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    [InlineData(1, 4)]
    public async Task Receipts_WhileDevicesComeGoAndStall_CountWhatTheyHaveReceived(int qos, int seed)
    {
        using var enough = new CancellationTokenSource();
        var fleet = Enumerable.Range(0, Devices).Select(i => Task.Run(() => LiveAsync($"d{i}", new Random((seed * 1_000) + i), enough.Token))).ToArray();
        await Patience.UntilAsync(() => _connections.Count > Devices / 2);

        var tallies = new BroadcastTally[Broadcasts];
        for (var i = 0; i < Broadcasts; i += 4)
        {
            BroadcastMessage[] batch = [.. Enumerable.Range(i, 4).Select(id => new BroadcastMessage(id, "anonymous", null, qos, new byte[] { 65 }))];
            (await Shard.BroadcastAsync(new BroadcastBatch([.. batch])).InTimeAsync()).Tallies.CopyTo(tallies, i);
            if (i % 40 == 0)
            {
                // Devices have a moment to do something between two of them.
                await Task.Yield();
            }
        }

        await enough.CancelAsync();
        await Task.WhenAll(fleet).InTimeAsync();

        var received = new long[Broadcasts];
        foreach (var connection in _connections)
        {
            long[] ids = [.. SentPublish.In(connection.Sent.Where(static sent => sent[0] >> 4 == (int)PacketType.Publish)).Select(Id)];
            Assert.Equal(ids.Order().Distinct(), ids);
            foreach (var id in ids)
            {
                received[id]++;
            }
        }

        Assert.Equal(received, tallies.Select(static tally => tally.Written));
        Assert.All(tallies, static tally => Assert.Equal(tally.Targeted, tally.Written + tally.Dropped));
        Assert.Contains(tallies, static tally => tally.Dropped > 0);
        Assert.Contains(tallies, static tally => tally.Written > 0);
    }

    private static long Id(SentPublish publish) => long.Parse(publish.Topic[(publish.Topic.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);

    // Connects, takes what comes for a while, or does not, and goes; again and again.
    private async Task LiveAsync(string name, Random random, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var connection = new FakeConnection(ConnectionIds.Next());
            var owner = _edge.NewOwner(connection);
            owner.Received(new ConnectPacket { Version = ProtocolVersion.Mqtt311, ClientId = name, CleanStart = true }.ToArray(ProtocolVersion.Mqtt311), out _);
            await Patience.UntilAsync(() => owner.IsOpen);
            _connections.Add(connection);
            for (var i = random.Next(20); i >= 0; i--)
            {
                connection.Outcome = random.Next(4) == 0 ? SendOutcome.Full : SendOutcome.Sent;
                await Task.Yield();
            }

            owner.Closed();
        }
    }
}
