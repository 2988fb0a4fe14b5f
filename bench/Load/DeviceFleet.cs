using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Measure;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Many simulated devices on one thread: real TCP connections, arrays instead of objects, one receive an event. A delivery is checked
/// where it lies in the receive buffer; only the beginning of a packet whose end has not come yet is kept by its device.
/// </summary>
internal sealed unsafe class DeviceFleet : IDisposable
{
    // Each source address brings its own range of ports, which the kernel searches ever longer as it fills up.
    private const int DevicesPerSourceAddress = 4_000;
    private const int ReceiveBytesMax = 256 * 1024;
    private const int PacketBytesMax = 128 * 1024;
    private const int AckBytesMax = 64 * 1024;

    private static ReadOnlySpan<byte> Disconnect => [0xE0, 0x00];

    private static ReadOnlySpan<byte> PingRequest => [0xC0, 0x00];

    private readonly FleetOptions _options;
    private readonly Epoll _epoll;
    private readonly Faults _faults;
    private readonly int[] _descriptors;
    private readonly DeviceState[] _states;
    private readonly long[] _startedAt;
    private readonly long[] _pingedAt;
    private readonly byte[]?[] _partial;
    private readonly int[] _partialBytes;
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(PacketBytesMax + ReceiveBytesMax);
    private readonly byte* _acks = (byte*)NativeMemory.Alloc(AckBytesMax);
    private int _ackBytes;

    public DeviceFleet(FleetOptions options, Epoll epoll, Faults faults)
    {
        _options = options;
        _epoll = epoll;
        _faults = faults;
        _descriptors = new int[options.Devices];
        _states = new DeviceState[options.Devices];
        _startedAt = new long[options.Devices];
        _pingedAt = new long[options.Devices];
        _partial = new byte[]?[options.Devices];
        _partialBytes = new int[options.Devices];
    }

    public int Count => _descriptors.Length;

    /// <summary>Devices whose connecting has begun.</summary>
    public int Started { get; private set; }

    public int Online { get; private set; }

    /// <summary>From the beginning of a device's connecting to its being online.</summary>
    public LatencyHistogram OnlineLatency { get; } = new();

    /// <summary>PINGRESPs received.</summary>
    public long Pongs { get; private set; }

    /// <summary>From a device's last PINGREQ to a PINGRESP.</summary>
    public LatencyHistogram PongLatency { get; set; } = new();

    /// <summary>When the latest device came online, in <see cref="Stopwatch"/> ticks.</summary>
    public long LastOnlineAt { get; private set; }

    /// <summary>Begins to connect the next device.</summary>
    public void StartNext()
    {
        var device = Started++;
        _startedAt[device] = Stopwatch.GetTimestamp();
        var sourceHost = (byte)(1 + (device / DevicesPerSourceAddress));
        _descriptors[device] = RawSocket.StartConnect(sourceHost, _options.MqttPorts[device % _options.MqttPorts.Count]);
        _states[device] = DeviceState.Connecting;
        var sent = TrySendConnect(device);
        _epoll.Watch(_descriptors[device], Epoll.EdgeTriggered | Epoll.Readable | (sent ? 0 : Epoll.Writable), device);
    }

    public void Handle(int device, uint events)
    {
        if (_states[device] == DeviceState.Connecting && (events & Epoll.Writable) != 0)
        {
            if (TrySendConnect(device))
            {
                _epoll.Change(_descriptors[device], Epoll.EdgeTriggered | Epoll.Readable, device);
            }
        }
        else if (_states[device] is not (DeviceState.Closed or DeviceState.Stalled))
        {
            Receive(device);
        }
    }

    /// <summary>Has a device that is online send a PINGREQ.</summary>
    public void Ping(int device)
    {
        _pingedAt[device] = Stopwatch.GetTimestamp();
        if (_states[device] != DeviceState.Closed && !SendWhole(device, PingRequest))
        {
            Fail(device, "could not send its PINGREQ: the server does not read");
        }
    }

    /// <summary>
    /// TCP segments with data that have come so far, in all. A send that fits into a segment, as every one here does but the largest, makes one, so that this
    /// tells from outside how many sends a server has needed.
    /// </summary>
    public long SegmentsReceived()
    {
        var sum = 0L;
        for (var device = 0; device < Started; device++)
        {
            sum += _states[device] == DeviceState.Closed ? 0 : RawSocket.SegmentsReceived(_descriptors[device]);
        }

        return sum;
    }

    /// <summary>Has a device that is online read no more; little fits into its socket from here on.</summary>
    public void Stall(int device)
    {
        _states[device] = DeviceState.Stalled;
        RawSocket.ShrinkReceiveBuffer(_descriptors[device]);
    }

    /// <summary>Says good-bye for every device and closes its socket.</summary>
    public void DisconnectAll()
    {
        for (var device = 0; device < Started; device++)
        {
            Leave(device);
        }
    }

    /// <summary>Says good-bye for a device that has been started and closes its socket.</summary>
    public void Leave(int device)
    {
        if (_states[device] != DeviceState.Closed)
        {
            SendWhole(device, Disconnect);
            Close(device);
        }
    }

    public void Dispose()
    {
        for (var device = 0; device < Started; device++)
        {
            Close(device);
        }

        NativeMemory.Free(_buffer);
        NativeMemory.Free(_acks);
    }

    // The three-way handshake over loopback is over when connect() returns, unless the server's backlog is full.
    private bool TrySendConnect(int device)
    {
        var packet = ConnectPacket.Connect(_options.Names, device, _options.IdentityOf(device), _options.KeepAlive, _options.IsSessionKept);
        if (!SendWhole(device, packet))
        {
            if (RawSocket.Errno != Libc.WouldBlock)
            {
                Fail(device, $"could not connect (errno {RawSocket.Errno})");
            }

            return false;
        }

        _states[device] = DeviceState.AwaitingConnAck;
        return true;
    }

    // A receive that does not fill the buffer has emptied the socket; the next bytes raise the next event.
    private void Receive(int device)
    {
        while (_states[device] != DeviceState.Closed && ReceiveOnce(device) == ReceiveBytesMax)
        {
        }
    }

    private int ReceiveOnce(int device)
    {
        var kept = _partialBytes[device];
        if (kept > 0)
        {
            _partial[device].AsSpan(0, kept).CopyTo(new Span<byte>(_buffer, PacketBytesMax));
        }

        var received = (int)Libc.Receive(_descriptors[device], _buffer + kept, ReceiveBytesMax, 0);
        if (received <= 0)
        {
            if (received == 0 || RawSocket.Errno != Libc.WouldBlock)
            {
                Fail(device, "was disconnected by the server");
            }

            return received;
        }

        var bytes = new ReadOnlySpan<byte>(_buffer, kept + received);
        Keep(device, bytes[ReadPackets(device, bytes, Stopwatch.GetTimestamp())..]);
        SendAcks(device);
        return received;
    }

    /// <summary>Handles all whole packets and answers how many bytes they took.</summary>
    private int ReadPackets(int device, ReadOnlySpan<byte> bytes, long now)
    {
        var at = 0;
        while (_states[device] != DeviceState.Closed
            && TryReadFixedHeader(bytes[at..], out var headerBytes, out var bodyBytes)
            && bytes.Length - at >= headerBytes + bodyBytes)
        {
            HandlePacket(device, bytes[at], bytes.Slice(at + headerBytes, bodyBytes), now);
            at += headerBytes + bodyBytes;
        }

        return at;
    }

    private static bool TryReadFixedHeader(ReadOnlySpan<byte> bytes, out int headerBytes, out int bodyBytes)
    {
        bodyBytes = 0;
        for (headerBytes = 1; headerBytes < bytes.Length && headerBytes <= 4; headerBytes++)
        {
            var digit = bytes[headerBytes];
            bodyBytes |= (digit & 0x7F) << (7 * (headerBytes - 1));
            if (digit < 0x80)
            {
                headerBytes++;
                return true;
            }
        }

        return false;
    }

    private void HandlePacket(int device, byte firstByte, ReadOnlySpan<byte> body, long now)
    {
        switch (firstByte >> 4)
        {
            case 3 when PublishFrame.TryRead(firstByte, body, out var frame):
                Deliver(device, frame, now);
                break;
            case 2 when _states[device] == DeviceState.AwaitingConnAck && body is [var sessionPresent, 0]:
                Accepted(device, sessionPresent != 0, now);
                break;
            case 9 when _states[device] == DeviceState.AwaitingSubAck && body[^1] < 0x80:
                CameOnline(device, now);
                break;
            case 13:
                Pongs++;
                PongLatency.Record(now - _pingedAt[device]);
                break;
            default:
                Fail(device, $"got a packet that it cannot take: {firstByte:X2} {Convert.ToHexString(body[..Math.Min(body.Length, 8)])}");
                break;
        }
    }

    // What a kept session is subscribed to, the server has kept.
    private void Accepted(int device, bool sessionPresent, long now)
    {
        if (sessionPresent || _options.FilterOf(device) is not { } filter)
        {
            CameOnline(device, now);
            return;
        }

        _states[device] = DeviceState.AwaitingSubAck;
        SendWhole(device, ConnectPacket.Subscribe(filter, _options.SubscribeQos));
    }

    private void CameOnline(int device, long now)
    {
        _states[device] = DeviceState.Online;
        Online++;
        LastOnlineAt = now;
        OnlineLatency.Record(now - _startedAt[device]);
    }

    private void Deliver(int device, in PublishFrame frame, long now)
    {
        if (_options.Receiver?.TryTake(device, frame, now) != true)
        {
            _faults.Add($"{_options.Names.NameOf(device)} got a message that is none of the run's");
        }
        else if (frame.PacketId != 0)
        {
            AddAck(device, frame.PacketId);
        }
    }

    private void AddAck(int device, ushort packetId)
    {
        if (_ackBytes + 4 > AckBytesMax)
        {
            SendAcks(device);
        }

        var ack = new Span<byte>(_acks + _ackBytes, 4);
        ack[0] = 0x40;
        ack[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(ack[2..], packetId);
        _ackBytes += 4;
    }

    private void SendAcks(int device)
    {
        if (_ackBytes > 0)
        {
            var acks = new ReadOnlySpan<byte>(_acks, _ackBytes);
            _ackBytes = 0;
            if (_states[device] != DeviceState.Closed && !SendWhole(device, acks))
            {
                Fail(device, "could not send its acknowledgements: the server does not read");
            }
        }
    }

    private void Keep(int device, ReadOnlySpan<byte> rest)
    {
        _partialBytes[device] = rest.Length;
        if (rest.IsEmpty)
        {
            return;
        }

        if (rest.Length > PacketBytesMax)
        {
            _partialBytes[device] = 0;
            Fail(device, "got a packet that is longer than any of the run's");
            return;
        }

        if ((_partial[device]?.Length ?? 0) < rest.Length)
        {
            _partial[device] = new byte[Math.Max(256, rest.Length)];
        }

        rest.CopyTo(_partial[device]);
    }

    // What devices send is small beside a socket's buffer, so that a partial send means that the server has stopped reading.
    private bool SendWhole(int device, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Libc.Send(_descriptors[device], start, bytes.Length, Libc.MessageNoSignal) == bytes.Length;
        }
    }

    private void Fail(int device, string what)
    {
        _faults.Add($"{_options.Names.NameOf(device)} {what}");
        Close(device);
    }

    private void Close(int device)
    {
        if (_states[device] == DeviceState.Closed)
        {
            return;
        }

        Online -= _states[device] == DeviceState.Online ? 1 : 0;
        _states[device] = DeviceState.Closed;
        RawSocket.Close(_descriptors[device]);
    }
}
