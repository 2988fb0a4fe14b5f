using System.Net;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Fuzz;

/// <summary>One connection of a client that has several, and when what happened to it: the numbers are in the order of all connections' events.</summary>
internal sealed class TakeoverClient
{
    private static long s_events;

    private readonly Lock _gate = new();
    private readonly List<(ushort PacketId, string Payload)> _received = [];
    private readonly HashSet<ushort> _acknowledged = [];
    private readonly MemoryConnection _connection;
    private readonly ServerPackets _packets;
    private int _answered;
    private ushort _lastPacketId;

    public TakeoverClient(FuzzHost host, Findings findings, string name, string clientId, bool cleanStart)
    {
        _packets = new ServerPackets(ProtocolVersion.Mqtt500, findings, name) { Seen = Seen };
        _connection = new MemoryConnection(host.Connections, _packets, findings, name, new IPEndPoint(IPAddress.Loopback, 1000))
        {
            Closing = () => ClosedAt = Next(),
        };
        Name = name;
        Send(new ConnectPacket { ClientId = clientId, CleanStart = cleanStart, SessionExpiryInterval = cleanStart ? null : 3_600u });
    }

    public string Name { get; }

    public bool IsAccepted => _packets.IsAccepted;

    public bool HasEnded => _connection.HasEnded;

    /// <summary>0: never.</summary>
    public long AcceptedAt { get; private set; }

    public long FirstMessageAt { get; private set; }

    public long LastMessageAt { get; private set; }

    public long ClosedAt { get; private set; }

    public string[] Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received.Select(static message => message.Payload)];
            }
        }
    }

    /// <summary>Waits for CONNACK, or the end.</summary>
    public Task UntilJudgedAsync() => _connection.UntilEndedOrAsync(() => AcceptedAt > 0, "CONNACK");

    public Task UntilReceivedAsync(Func<bool> condition, string what) => _connection.UntilEndedOrAsync(condition, what);

    public async Task SubscribeAsync(string filter)
    {
        var answered = Volatile.Read(ref _answered);
        Send(new SubscribePacket { PacketId = ++_lastPacketId, Subscriptions = [new TopicSubscription(filter, new SubscriptionOptions(QoS.AtLeastOnce))] });
        await _connection.UntilEndedOrAsync(() => _answered > answered, "SUBACK");
    }

    /// <summary>Publishes at QoS 1.</summary>
    /// <returns>Whether PUBACK came.</returns>
    public async Task<bool> PublishAsync(string topic, string payload)
    {
        var answered = Volatile.Read(ref _answered);
        var packet = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Payload = Encoding.UTF8.GetBytes(payload),
            Flags = new PublishFlags(QoS.AtLeastOnce),
            PacketId = ++_lastPacketId,
        };
        var bytes = new byte[packet.EncodedSize(ProtocolVersion.Mqtt500)];
        packet.Write(bytes, ProtocolVersion.Mqtt500);
        _connection.Write(bytes);
        await _connection.UntilEndedOrAsync(() => _answered > answered, "PUBACK");
        return _answered > answered;
    }

    /// <summary>Acknowledges what has come.</summary>
    public void Acknowledge()
    {
        ushort[] packetIds;
        lock (_gate)
        {
            packetIds = [.. _received.Select(static message => message.PacketId).Where(_acknowledged.Add)];
        }

        foreach (var packetId in packetIds)
        {
            _connection.Write([0x40, 0x02, (byte)(packetId >> 8), (byte)packetId]);
        }
    }

    public void Abort() => _connection.Abort();

    public Task UntilEndedAsync() => _connection.UntilEndedAsync();

    private static long Next() => Interlocked.Increment(ref s_events);

    private void Send(ControlPacket packet) => _connection.Write(packet.ToArray(ProtocolVersion.Mqtt500));

    private void Seen(PacketType type, byte[] packet)
    {
        switch (type)
        {
            case PacketType.ConnAck when packet[3] == 0:
                AcceptedAt = Next();
                break;
            case PacketType.Publish:
                Take(packet);
                break;
            case PacketType.SubAck or PacketType.PubAck:
                _answered++;
                break;
            default:
                break;
        }
    }

    private void Take(byte[] bytes)
    {
        Frame.TryRead(bytes, int.MaxValue, out var header);
        PublishPacket.TryRead(bytes.AsSpan(header.HeaderLength), header.Flags, ProtocolVersion.Mqtt500, Sender.Server, out var packet, out _);
        LastMessageAt = Next();
        FirstMessageAt = FirstMessageAt == 0 ? LastMessageAt : FirstMessageAt;
        lock (_gate)
        {
            // A packet id that was acknowledged may come again with another message.
            _acknowledged.Remove(packet.PacketId);
            _received.Add((packet.PacketId, Encoding.UTF8.GetString(packet.Payload)));
        }
    }
}
