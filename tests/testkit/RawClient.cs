using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Testkit;

/// <summary>
/// A small MQTT client for tests, over TCP or any other stream: it shows what the server sends, and sends what it is told to, right or wrong. One loop
/// reads; answers are awaited by packet type and packet id, whichever comes first, the answer or the wait.
/// </summary>
public sealed partial class RawClient : IAsyncDisposable
{
    private readonly Socket? _socket;
    private readonly Stream _stream;
    private readonly Lock _sending = new();
    private readonly Channel<ReceivedPublish> _messages = Channel.CreateUnbounded<ReceivedPublish>();
    private readonly ConcurrentDictionary<(PacketType Type, ushort PacketId), TaskCompletionSource<object>> _answers = new();
    private readonly TaskCompletionSource<ReasonCode?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _readOn;
    private int _lastPacketId;

    private RawClient(Socket? socket, Stream stream, ProtocolVersion version, bool acknowledges) =>
        (_socket, _stream, Version, Acknowledges) = (socket, stream, version, acknowledges);

    /// <summary>The version it speaks.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>Whether it acknowledges messages by itself; otherwise <see cref="Acknowledge"/> does.</summary>
    public bool Acknowledges { get; set; }

    /// <summary>The server's answer to CONNECT; null before it was awaited.</summary>
    public ConnAckPacket? ConnAck { get; private set; }

    /// <summary>The server's DISCONNECT; null while there is none.</summary>
    public DisconnectPacket? Disconnect { get; private set; }

    /// <summary>Messages that were received and not yet taken.</summary>
    public int Waiting => _messages.Reader.Count;

    /// <summary>The client's own address and port.</summary>
    public EndPoint LocalEndPoint => _socket!.LocalEndPoint!;

    /// <summary>Opens the TCP connection, and says nothing on it.</summary>
    public static async Task<RawClient> OpenAsync(IPEndPoint server, ProtocolVersion version = ProtocolVersion.Mqtt500, bool acknowledges = true)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await Deadline.WithinAsync(socket.ConnectAsync(server), $"a TCP connection to {server}");
        return Start(new RawClient(socket, new NetworkStream(socket, ownsSocket: true), version, acknowledges));
    }

    /// <summary>Takes a stream that is open, and says nothing on it.</summary>
    public static RawClient Open(Stream stream, ProtocolVersion version = ProtocolVersion.Mqtt500) => Start(new RawClient(null, stream, version, acknowledges: true));

    /// <summary>Connects.</summary>
    /// <exception cref="ConnectRefusedException">CONNACK says no.</exception>
    public static async Task<RawClient> ConnectAsync(IPEndPoint server, ConnectPacket connect, bool acknowledges = true)
    {
        var client = await OpenAsync(server, connect.Version, acknowledges);
        await client.ConnectAsync(connect);
        return client;
    }

    /// <summary>Connects on a stream that is open.</summary>
    /// <exception cref="ConnectRefusedException">CONNACK says no.</exception>
    public static async Task<RawClient> ConnectAsync(Stream stream, ConnectPacket connect)
    {
        var client = Open(stream, connect.Version);
        await client.ConnectAsync(connect);
        return client;
    }

    /// <summary>The server's answer to CONNECT.</summary>
    public async Task<ConnAckPacket> ConnAckAsync() => ConnAck = (ConnAckPacket)await AnswerAsync(PacketType.ConnAck, 0);

    /// <summary>The server's next step of an enhanced authentication.</summary>
    public async Task<AuthPacket> AuthAsync() => (AuthPacket)await AnswerAsync(PacketType.Auth, 0);

    /// <summary>Subscribes, and gives the codes of SUBACK.</summary>
    public async Task<IReadOnlyList<ReasonCode>> SubscribeAsync(params (string Filter, QoS QoS)[] filters)
    {
        var packetId = NextPacketId();
        Send(new SubscribePacket
        {
            PacketId = packetId,
            Subscriptions = [.. filters.Select(static f => new TopicSubscription(f.Filter, new SubscriptionOptions(f.QoS)))],
        });
        return ((SubAckPacket)await AnswerAsync(PacketType.SubAck, packetId)).ReasonCodes;
    }

    /// <summary>Subscribes to one filter with the options of 5.0.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="options">Its options.</param>
    /// <param name="identifier">The number that its messages are to carry, or none.</param>
    public async Task<ReasonCode> SubscribeAsync(string filter, SubscriptionOptions options, uint? identifier = null)
    {
        var packetId = NextPacketId();
        Send(new SubscribePacket { PacketId = packetId, SubscriptionIdentifier = identifier, Subscriptions = [new TopicSubscription(filter, options)] });
        return ((SubAckPacket)await AnswerAsync(PacketType.SubAck, packetId)).ReasonCodes[0];
    }

    /// <summary>Subscribes to one filter.</summary>
    public async Task<ReasonCode> SubscribeAsync(string filter, QoS qos = QoS.AtMostOnce) => (await SubscribeAsync((filter, qos)))[0];

    /// <summary>Takes subscriptions back.</summary>
    public async Task UnsubscribeAsync(params string[] filters)
    {
        var packetId = NextPacketId();
        Send(new UnsubscribePacket { PacketId = packetId, Filters = filters });
        await AnswerAsync(PacketType.UnsubAck, packetId);
    }

    /// <summary>Publishes, and waits for the end of the hand-over.</summary>
    /// <returns>The server's reason code; success with QoS 0.</returns>
    public async Task<ReasonCode> PublishAsync(string topic, string payload, QoS qos = QoS.AtMostOnce, bool retain = false, byte[]? properties = null)
    {
        var packetId = qos == QoS.AtMostOnce ? (ushort)0 : NextPacketId();
        SendPublish(topic, Encoding.UTF8.GetBytes(payload), new PublishFlags(qos, retain), packetId, properties);
        if (qos == QoS.AtMostOnce)
        {
            return ReasonCode.Success;
        }

        var reason = (ReasonCode)await AnswerAsync(qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, packetId);
        if (qos == QoS.ExactlyOnce && !reason.IsFailure())
        {
            Send(PacketType.PubRel, packetId);
            await AnswerAsync(PacketType.PubComp, packetId);
        }

        return reason;
    }

    /// <summary>Sends one PUBLISH just so.</summary>
    public void SendPublish(string topic, ReadOnlySpan<byte> payload, PublishFlags flags, ushort packetId, byte[]? properties = null)
    {
        PublishProperties.TryParse(properties ?? [], Sender.Client, out var parsed, out _);
        var packet = new PublishPacket { Topic = Encoding.UTF8.GetBytes(topic), Payload = payload, Flags = flags, PacketId = packetId, Properties = parsed };
        var bytes = new byte[packet.EncodedSize(Version)];
        packet.Write(bytes, Version);
        Send(bytes);
    }

    /// <summary>The next message.</summary>
    /// <exception cref="TimeoutException">None came; says what was awaited.</exception>
    public async Task<ReceivedPublish> ReceiveAsync(string awaited, TimeSpan? patience = null)
    {
        var message = _messages.Reader.ReadAsync().AsTask();
        return await Deadline.WithinAsync(message, awaited, patience);
    }

    /// <summary>The messages that follow.</summary>
    public async Task<ReceivedPublish[]> ReceiveAsync(int count, string awaited, TimeSpan? patience = null)
    {
        var messages = new ReceivedPublish[count];
        for (var i = 0; i < count; i++)
        {
            messages[i] = await ReceiveAsync($"{awaited}, {i + 1} of {count}", patience);
        }

        return messages;
    }

    /// <summary>All messages as they come, until the connection is closed.</summary>
    /// <exception cref="IOException">The connection is closed.</exception>
    public IAsyncEnumerable<ReceivedPublish> MessagesAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAllAsync(cancellationToken);

    /// <summary>A message that is there already.</summary>
    public bool TryReceive(out ReceivedPublish? message) => _messages.Reader.TryRead(out message);

    /// <summary>
    /// Goes once to the server and back. What the server sent to this client before it answers has arrived then, so that "nothing was received" can be said.
    /// </summary>
    public async Task PingAsync()
    {
        Send(PingReqPacket.Encoded);
        await AnswerAsync(PacketType.PingResp, 0);
    }

    /// <summary>Sends the acknowledgement that follows a message: PUBACK or PUBREC.</summary>
    public void Acknowledge(ReceivedPublish message) =>
        Send(message.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, message.PacketId);

    /// <summary>Sends a packet.</summary>
    public void Send(ControlPacket packet) => Send(packet.ToArray(Version));

    /// <summary>Sends exactly these bytes.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_sending)
        {
            _stream.Write(bytes);
        }
    }

    /// <summary>Waits until the server has closed the connection.</summary>
    /// <returns>The reason of the server's DISCONNECT; null when it closed without one.</returns>
    public Task<ReasonCode?> ClosedAsync(string awaited, TimeSpan? patience = null) => Deadline.WithinAsync(_closed.Task, awaited, patience);

    /// <summary>Says goodbye and closes.</summary>
    public async Task DisconnectAsync()
    {
        Send(new DisconnectPacket());
        _socket!.Shutdown(SocketShutdown.Send);
        await ClosedAsync("the connection's end after DISCONNECT");
    }

    /// <summary>Takes nothing more from the connection, but for what is on its way already: a slow client.</summary>
    public void StopReading() => _readOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends what <see cref="StopReading"/> began.</summary>
    public void ReadOn()
    {
        var waiting = _readOn;
        _readOn = null;
        waiting?.TrySetResult();
    }

    /// <summary>Breaks the connection off, as a crash of the client does.</summary>
    public void Abort() => _socket!.Close(timeout: 0);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        ReadOn();
        await _closed.Task;
    }

    private static RawClient Start(RawClient client)
    {
        _ = client.ReadAsync();
        return client;
    }

    private async Task ConnectAsync(ConnectPacket connect)
    {
        Send(connect);
        var answer = await ConnAckAsync();
        if (answer.ReasonCode != ReasonCode.Success)
        {
            throw new ConnectRefusedException(answer.ReasonCode);
        }
    }

    private ushort NextPacketId() => (ushort)((Interlocked.Increment(ref _lastPacketId) % ushort.MaxValue) + 1);

    private void Send(PacketType acknowledgement, ushort packetId)
    {
        Span<byte> bytes = stackalloc byte[Acknowledgement.BytesMax];
        Send(bytes[..Acknowledgement.Write(bytes, acknowledgement, packetId, ReasonCode.Success, Version)]);
    }

    private async Task<object> AnswerAsync(PacketType type, ushort packetId)
    {
        var answer = AnswerOf(type, packetId).Task;
        var first = Task.WhenAny(answer, _closed.Task);
        await Deadline.WithinAsync(first, packetId == 0 ? $"{type}" : $"{type} of packet {packetId}");
        _answers.TryRemove((type, packetId), out _);
        return answer.IsCompleted ? await answer : throw new IOException($"The server closed the connection before {type}; DISCONNECT said: {Disconnect?.ReasonCode.ToString() ?? "nothing"}.");
    }

    private TaskCompletionSource<object> AnswerOf(PacketType type, ushort packetId) =>
        _answers.GetOrAdd((type, packetId), static _ => new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously));
}
