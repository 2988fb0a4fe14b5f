using System.Net;
using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>A delivery of a broadcast costs no memory.</summary>
public sealed class BroadcastWriterAllocationTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task AtMostOnce_AllocatesTheSame_HoweverManyConnections()
    {
        var connections = new List<MqttConnection>();
        for (var i = 0; i < 1_000; i++)
        {
            connections.Add(await ConnectAsync($"d{i}"));
        }

        MqttConnection[] all = [.. connections];
        BroadcastFrame[] frames = [Frame(1), Frame(2)];
        Measure(all, frames);
        Measure(all.AsSpan(0, 1), frames);
        Assert.Equal(Measure(all.AsSpan(0, 1), frames), Measure(all, frames));
    }

    private static BroadcastFrame Frame(long id) => new(new BroadcastMessage(id, "anonymous", null, 0, new byte[100]), TimeProvider.System);

    private static long Measure(ReadOnlySpan<MqttConnection> connections, BroadcastFrame[] frames)
    {
        var writer = new BroadcastWriter(frames);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(connections.Length, writer.Write(connections, int.MaxValue));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.All(writer.Tally(), tally => Assert.True(tally.Written > 0 && tally.Dropped == 0));
        return allocated;
    }

    private async Task<MqttConnection> ConnectAsync(string name)
    {
        var owner = _edge.NewOwner(new CountingConnection(ConnectionIds.Next()));
        owner.Received(new ConnectPacket { Version = ProtocolVersion.Mqtt311, ClientId = name, CleanStart = true }.ToArray(ProtocolVersion.Mqtt311), out _);
        await Patience.UntilAsync(() => owner.IsOpen);
        return owner;
    }

    private sealed class CountingConnection(long id) : IConnection
    {
        public long Id => id;

        public EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1000);

        public bool IsBacklogged => false;

        public long SentBytes { get; private set; }

        public SendOutcome Send(ReadOnlySpan<byte> bytes)
        {
            SentBytes += bytes.Length;
            return SendOutcome.Sent;
        }

        public void Resume()
        {
        }

        public void Close(bool isGraceful)
        {
        }

        public void CloseWith(ReadOnlySpan<byte> lastPacket)
        {
        }
    }
}
