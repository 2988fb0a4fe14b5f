using System.Net;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A client and its connection without a socket: what it sends is handed to the real protocol side, which it waits for when told to pause.</summary>
internal sealed class EdgeClient : IConnection
{
    private static long s_lastId;

    private readonly Lock _receiving = new();
    private readonly Lock _sending = new();
    private readonly List<byte> _unread = [];
    private readonly List<EdgePacket> _packets = [];
    private readonly List<SentPublish> _messages = [];
    private readonly MqttConnection _owner;
    private bool _isReceiving;
    private bool _isPaused;
    private bool _isResumeWished;
    private bool _isClosed;
    private int _lastPacketId;

    private EdgeClient(Edge edge, ProtocolVersion version)
    {
        Version = version;
        _owner = edge.NewOwner(this);
    }

    public long Id { get; } = Interlocked.Increment(ref s_lastId);

    public EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1000);

    public ProtocolVersion Version { get; }

    public bool IsBacklogged { get; set; }

    public IConnectionTap? Tap { get; set; }

    public long BytesSent { get; private set; }

    /// <summary>What the connection says to whatever is sent.</summary>
    public SendOutcome Outcome { get; set; } = SendOutcome.Sent;

    /// <summary>Whether the server does not read for now.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_receiving)
            {
                return _isPaused;
            }
        }
    }

    public bool IsClosed => Volatile.Read(ref _isClosed);

    public MqttConnection Owner => _owner;

    /// <summary>Every packet that the server sent, but CONNACK.</summary>
    public List<EdgePacket> Packets
    {
        get
        {
            lock (_sending)
            {
                return [.. _packets];
            }
        }
    }

    /// <summary>The application messages among them.</summary>
    public SentPublish[] Messages
    {
        get
        {
            lock (_sending)
            {
                return [.. _messages];
            }
        }
    }

    public int MessageCount
    {
        get
        {
            lock (_sending)
            {
                return _messages.Count;
            }
        }
    }

    /// <summary>Their payloads.</summary>
    public string[] Texts => [.. Messages.Select(static m => m.Payload)];

    /// <summary>The server's acknowledgements of what the client published, as packet id and reason.</summary>
    public (PacketType Type, int PacketId, ReasonCode Reason)[] Acknowledgements =>
        [.. Packets.Where(static p => p.Type is PacketType.PubAck or PacketType.PubRec).Select(static p => (p.Type, (int)p.PacketId, p.Reason))];

    public ConnAckPacket ConnAck { get; private set; } = null!;

    // It is open a moment before it is told so.
    private bool HasConnAck
    {
        get
        {
            lock (_sending)
            {
                return ConnAck is not null;
            }
        }
    }

    /// <summary>Bytes that the server sent.</summary>
    public int BytesReceived { get; private set; }

    /// <summary>Whether its session already had it when CONNACK was sent.</summary>
    public bool WasOnlineAtConnAck { get; private set; }

    /// <summary>A connection on which nothing has been said yet.</summary>
    public static EdgeClient Open(Edge edge, ProtocolVersion version = ProtocolVersion.Mqtt500) => new(edge, version);

    public static async Task<EdgeClient> ConnectAsync(
        Edge edge,
        string clientId,
        ProtocolVersion version = ProtocolVersion.Mqtt500,
        WillMessage? will = null,
        uint? sessionExpiry = null,
        ushort? receiveMaximum = null,
        uint? maximumPacketSize = null,
        bool cleanStart = true,
        ushort keepAlive = 0)
    {
        var client = await TryConnectAsync(edge, new ConnectPacket
        {
            Version = version,
            ClientId = clientId,
            CleanStart = cleanStart,
            KeepAlive = keepAlive,
            Will = will,
            SessionExpiryInterval = sessionExpiry,
            ReceiveMaximum = receiveMaximum,
            MaximumPacketSize = maximumPacketSize,
        });
        Assert.True(client._owner.IsOpen, $"{clientId} was refused");
        return client;
    }

    /// <summary>A client that may have been refused.</summary>
    public static async Task<EdgeClient> TryConnectAsync(Edge edge, ConnectPacket connect)
    {
        var client = new EdgeClient(edge, connect.Version);
        client.Send(connect);
        await Patience.UntilAsync(() => (client._owner.IsOpen && client.HasConnAck) || client.IsClosed, $"{connect.ClientId} is connected");
        return client;
    }

    /// <summary>Publishes, and waits for nothing.</summary>
    /// <returns>The packet id.</returns>
    public int Publish(string topic, string payload, QoS qos = QoS.AtLeastOnce, bool retain = false, byte[]? properties = null, int packetId = 0)
    {
        Assert.True(PublishProperties.TryParse(properties ?? [], Sender.Client, out var parsed, out _));
        packetId = qos == QoS.AtMostOnce ? 0 : packetId != 0 ? packetId : ++_lastPacketId;
        var packet = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Payload = Encoding.UTF8.GetBytes(payload),
            Properties = parsed,
            Flags = new PublishFlags(qos, retain),
            PacketId = (ushort)packetId,
        };
        var bytes = new byte[packet.EncodedSize(Version)];
        packet.Write(bytes, Version);
        Send(bytes);
        return packetId;
    }

    /// <summary>Publishes at QoS 1, and waits for the acknowledgement.</summary>
    public async Task<ReasonCode> PublishAsync(string topic, string payload, bool retain = false, byte[]? properties = null)
    {
        var packetId = Publish(topic, payload, QoS.AtLeastOnce, retain, properties);
        await Patience.UntilAsync(() => Acknowledgements.Any(a => a.PacketId == packetId), $"PUBACK of packet {packetId}");
        return Acknowledgements.Last(a => a.PacketId == packetId).Reason;
    }

    /// <summary>Retains a message at QoS 1, for good.</summary>
    public async Task RetainAsync(string topic, string payload, byte[]? properties = null) =>
        Assert.False((await PublishAsync(topic, payload, retain: true, properties)).IsFailure());

    /// <summary>Subscribes, and waits for the SUBACK.</summary>
    public async Task<IReadOnlyList<ReasonCode>> SubscribeAsync(params (string Filter, SubscriptionOptions Options)[] filters)
    {
        var packetId = (ushort)++_lastPacketId;
        Send(new SubscribePacket { PacketId = packetId, Subscriptions = [.. filters.Select(static f => new TopicSubscription(f.Filter, f.Options))] });
        await Patience.UntilAsync(() => Packets.Exists(p => p.Type == PacketType.SubAck && p.PacketId == packetId), $"SUBACK of packet {packetId}");
        return Packets.First(p => p.Type == PacketType.SubAck && p.PacketId == packetId).Codes;
    }

    /// <summary>Subscribes to one filter, and waits for the SUBACK.</summary>
    public async Task SubscribeAsync(string filter, QoS qos = QoS.AtLeastOnce, RetainHandling handling = RetainHandling.Send) =>
        Assert.Equal([(ReasonCode)qos], await SubscribeAsync((filter, new SubscriptionOptions(qos, RetainHandling: handling))));

    public async Task UnsubscribeAsync(string filter)
    {
        var packetId = (ushort)++_lastPacketId;
        Send(new UnsubscribePacket { PacketId = packetId, Filters = [filter] });
        await Patience.UntilAsync(() => Packets.Exists(p => p.Type == PacketType.UnsubAck && p.PacketId == packetId), $"UNSUBACK of packet {packetId}");
    }

    /// <summary>Waits until so many application messages have come, and no more.</summary>
    public async Task<SentPublish[]> ReceiveAsync(int count)
    {
        await Patience.UntilAsync(() => MessageCount >= count, $"{count} messages");
        var messages = Messages;
        Assert.Equal(count, messages.Length);
        return messages;
    }

    /// <summary>Acknowledges what has come and was not acknowledged before.</summary>
    public void Acknowledge(SentPublish message)
    {
        Span<byte> bytes = stackalloc byte[Acknowledgement.BytesMax];
        var type = message.QoS == QoS.ExactlyOnce ? PacketType.PubComp : PacketType.PubAck;
        Send(bytes[..Acknowledgement.Write(bytes, type, message.PacketId, ReasonCode.Success, Version)]);
    }

    public void Send(ControlPacket packet) => Send(packet.ToArray(Version));

    /// <summary>Sends bytes; they are read when the server reads.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_receiving)
        {
            _unread.AddRange(bytes);
            ReceiveLocked();
        }
    }

    /// <summary>The connection is broken off.</summary>
    public void Abort()
    {
        Volatile.Write(ref _isClosed, true);
        lock (_receiving)
        {
            _isPaused = true;
        }

        _owner.Closed();
    }

    public void Resume()
    {
        lock (_receiving)
        {
            if (_isReceiving)
            {
                _isResumeWished = true;
                return;
            }

            Assert.True(_isPaused || IsClosed, "It was not paused.");
            _isPaused = false;
            ReceiveLocked();
        }
    }

    public void Close(bool isGraceful) => Volatile.Write(ref _isClosed, true);

    public void CloseWith(ReadOnlySpan<byte> lastPacket)
    {
        lock (_sending)
        {
            ((IConnection)this).Send(lastPacket);
            Close(isGraceful: true);
        }
    }

    SendOutcome IConnection.Send(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed || Outcome != SendOutcome.Sent)
        {
            var outcome = IsClosed ? SendOutcome.Closed : Outcome;
            Tap?.Sent(bytes, outcome);
            return outcome;
        }

        lock (_sending)
        {
            Tap?.Sent(bytes, SendOutcome.Sent);
            BytesSent += bytes.Length;
            BytesReceived += bytes.Length;
            foreach (var packet in EdgePacket.In(bytes, Version))
            {
                if (packet.ConnAck is null)
                {
                    _packets.Add(packet);
                }
                else
                {
                    ConnAck = packet.ConnAck;
                    WasOnlineAtConnAck = _owner.IsOpen && _owner.Session?.Peer == _owner.Peer;
                }

                if (packet.Publish is not null)
                {
                    _messages.Add(packet.Publish);
                }
            }
        }

        return SendOutcome.Sent;
    }

    private void ReceiveLocked()
    {
        while (_unread.Count > 0 && !_isPaused && !_isReceiving && !IsClosed)
        {
            _isReceiving = true;
            var (taken, outcome) = _owner.Received([.. _unread], out _);
            _isReceiving = false;
            _unread.RemoveRange(0, taken);
            _isPaused = outcome != ReceiveOutcome.Continue && !_isResumeWished;
            _isResumeWished = false;
            if (outcome == ReceiveOutcome.Continue)
            {
                return;
            }

            if (outcome == ReceiveOutcome.Stop)
            {
                Volatile.Write(ref _isClosed, true);
                _owner.Closed();
            }
        }
    }
}
