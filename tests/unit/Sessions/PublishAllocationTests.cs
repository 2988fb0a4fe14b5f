using System.Net;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Testkit;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A publish that nobody has to answer for costs no memory, from its bytes to its acknowledgement.</summary>
public sealed class PublishAllocationTests : IAsyncDisposable
{
    private readonly Edge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(ProtocolVersion.Mqtt311, QoS.AtMostOnce)]
    [InlineData(ProtocolVersion.Mqtt311, QoS.AtLeastOnce)]
    [InlineData(ProtocolVersion.Mqtt500, QoS.AtMostOnce)]
    [InlineData(ProtocolVersion.Mqtt500, QoS.AtLeastOnce)]
    public async Task Publish_WithoutRetain_AllocatesNothing(ProtocolVersion version, QoS qos)
    {
        // The receiver speaks 3.1.1 at QoS 0: what is kept for one at QoS 1 is kept for all of them.
        var subscriber = await ConnectAsync("s", ProtocolVersion.Mqtt311);
        _edge.Router.TrySubscribe(subscriber.Owner.Session!, Encoding.UTF8.GetBytes("t"), new SubscriptionTerms(new SubscriptionOptions(QoS.AtMostOnce)));
        var publisher = await ConnectAsync("p", version);
        var packet = Packet(version, qos, retain: false);
        var published = 0;
        Assert.Equal(0, Allocation.Of(() =>
        {
            publisher.Owner.Received(packet, out _);
            published++;
        }));
        Assert.Equal(published, subscriber.Connection.Sends - 1);
        Assert.Equal(qos == QoS.AtMostOnce ? 0 : published, publisher.Connection.Sends - 1);
    }

    // Also where the client has retained something before, once that is done.
    [Fact]
    public async Task Publish_AfterRetainedOnes_AllocatesNothing()
    {
        var publisher = await ConnectAsync("p", ProtocolVersion.Mqtt500);
        publisher.Owner.Received(Packet(ProtocolVersion.Mqtt500, QoS.AtLeastOnce, retain: true), out _);
        await Patience.UntilAsync(() => publisher.Connection.Sends == 2);
        var packet = Packet(ProtocolVersion.Mqtt500, QoS.AtLeastOnce, retain: false);
        await Patience.UntilAsync(() => IsAcknowledgedAtOnce(publisher, packet));
        Assert.Equal(0, Allocation.Of(() => publisher.Owner.Received(packet, out _)));
    }

    private static bool IsAcknowledgedAtOnce((CountingConnection Connection, MqttConnection Owner) publisher, byte[] packet)
    {
        var before = publisher.Connection.Sends;
        publisher.Owner.Received(packet, out _);
        return publisher.Connection.Sends > before;
    }

    private static byte[] Packet(ProtocolVersion version, QoS qos, bool retain)
    {
        var packet = new PublishPacket
        {
            Topic = "t"u8,
            Payload = "hello"u8,
            Flags = new PublishFlags(qos, retain),
            PacketId = (ushort)(qos == QoS.AtMostOnce ? 0 : 1),
        };
        var bytes = new byte[packet.EncodedSize(version)];
        packet.Write(bytes, version);
        return bytes;
    }

    private async Task<(CountingConnection Connection, MqttConnection Owner)> ConnectAsync(string name, ProtocolVersion version)
    {
        var connection = new CountingConnection(ConnectionIds.Next());
        var owner = _edge.NewOwner(connection);
        owner.Received(new ConnectPacket { Version = version, ClientId = name, CleanStart = true }.ToArray(version), out _);
        await Patience.UntilAsync(() => owner.IsOpen);
        return (connection, owner);
    }

    private sealed class CountingConnection(long id) : IConnection
    {
        private int _sends;

        public long Id => id;

        public EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1000);

        public bool IsBacklogged => false;

        public int Sends => Volatile.Read(ref _sends);

        public SendOutcome Send(ReadOnlySpan<byte> bytes)
        {
            Interlocked.Increment(ref _sends);
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
