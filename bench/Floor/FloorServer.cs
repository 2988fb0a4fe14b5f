using System.Runtime.InteropServices;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Floor;

/// <summary>
/// The least server that can do a broker's sends: one thread, one epoll, arrays, constant answers. It is the yardstick of every ratio,
/// so it trusts its one client (whole CONNECT packets, one product) and does nothing that the sends do not need.
/// </summary>
internal sealed unsafe class FloorServer : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private static ReadOnlySpan<byte> ConnectAccepted => [0x20, 0x02, 0x00, 0x00];

    private static ReadOnlySpan<byte> PingResponse => [0xD0, 0x00];

    private readonly Epoll _epoll = new(eventsMax: 512);
    private readonly FloorConnections _connections = new();
    private readonly FloorBatch _batch = new();
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferBytes);
    private readonly int _mqttListener;
    private readonly int _controlListener;
    private FloorControl? _control;
    private int _online;

    private FloorServer(out int mqttPort, out int controlPort)
    {
        _mqttListener = RawSocket.Listen(out mqttPort);
        _controlListener = RawSocket.Listen(out controlPort);
    }

    /// <summary>Serves until standard input ends, so that it never outlives the benchmark. The first line of output names the ports.</summary>
    public static int Run()
    {
        using var server = new FloorServer(out var mqttPort, out var controlPort);
        Console.Out.WriteLine($"{mqttPort} {controlPort}");
        server.Serve();
        return 0;
    }

    public void Dispose()
    {
        _epoll.Dispose();
        NativeMemory.Free(_buffer);
    }

    private void Serve()
    {
        const int standardInput = 0;
        _epoll.Watch(standardInput, Epoll.Readable, standardInput);
        _epoll.Watch(_mqttListener, Epoll.Readable, _mqttListener);
        _epoll.Watch(_controlListener, Epoll.Readable, _controlListener);
        while (true)
        {
            var count = _epoll.Wait(-1);
            for (var index = 0; index < count; index++)
            {
                var descriptor = _epoll.TokenAt(index);
                if (descriptor == standardInput)
                {
                    return;
                }

                Handle(descriptor, _epoll.EventsAt(index));
            }

            BroadcastWaiting();
        }
    }

    private void Handle(int descriptor, uint events)
    {
        if (descriptor == _mqttListener)
        {
            AcceptDevices();
        }
        else if (descriptor == _controlListener)
        {
            AcceptControl();
        }
        else if (descriptor == _control?.Descriptor)
        {
            ReceiveCommands();
        }
        else if ((events & Epoll.Writable) != 0)
        {
            SendPending(descriptor);
        }
        else
        {
            Receive(descriptor);
        }
    }

    private void AcceptDevices()
    {
        while (RawSocket.TryAccept(_mqttListener, out var descriptor))
        {
            _epoll.Watch(descriptor, Epoll.Readable, descriptor);
        }
    }

    private void AcceptControl()
    {
        if (RawSocket.TryAccept(_controlListener, out var descriptor))
        {
            _control = new FloorControl(descriptor);
            _batch.Restart();
            _epoll.Watch(descriptor, Epoll.Readable, descriptor);
        }
    }

    private void ReceiveCommands()
    {
        if (!_control!.TryReceive())
        {
            RawSocket.Close(_control.Descriptor);
            _control = null;
        }
    }

    // A batch ends when every byte of it is with the kernel: only then are its commands answered and the next one begun.
    private void BroadcastWaiting()
    {
        while (_control is not null && _connections.PendingCount == 0)
        {
            _control.Answer();
            _control.FillBatch(_batch, _online);
            if (_batch.Count == 0)
            {
                return;
            }

            SendBatch();
            _batch.Clear();
        }
    }

    private void SendBatch()
    {
        for (var descriptor = 0; descriptor < _connections.End; descriptor++)
        {
            var prefix = _connections.PrefixOf(descriptor);
            if (!prefix.IsEmpty)
            {
                Send(descriptor, _batch.Packets, _batch.EncodeFor(prefix));
            }
        }
    }

    private void Send(int descriptor, byte* bytes, int count)
    {
        var sent = (int)Libc.Send(descriptor, bytes, count, Libc.MessageNoSignal);
        if (sent == count)
        {
            return;
        }

        if (sent < 0 && RawSocket.Errno != Libc.WouldBlock)
        {
            Close(descriptor);
            return;
        }

        sent = Math.Max(sent, 0);
        _connections.SetPending(descriptor, new ReadOnlySpan<byte>(bytes + sent, count - sent).ToArray());
        _epoll.Change(descriptor, Epoll.Readable | Epoll.Writable, descriptor);
    }

    private void SendPending(int descriptor)
    {
        if (_connections.PendingOf(descriptor) is not { } pending)
        {
            Close(descriptor);
            return;
        }

        _connections.SetPending(descriptor, null);
        _epoll.Change(descriptor, Epoll.Readable, descriptor);
        fixed (byte* bytes = pending)
        {
            Send(descriptor, bytes, pending.Length);
        }
    }

    private void Receive(int descriptor)
    {
        var received = (int)Libc.Receive(descriptor, _buffer, BufferBytes, 0);
        if (received <= 0)
        {
            Close(descriptor);
            return;
        }

        var rest = new ReadOnlySpan<byte>(_buffer, received);
        while (rest.Length >= 2)
        {
            var length = 2 + rest[1];
            if (length > rest.Length || !TryHandlePacket(descriptor, rest[..length]))
            {
                Close(descriptor);
                return;
            }

            rest = rest[length..];
        }
    }

    private bool TryHandlePacket(int descriptor, ReadOnlySpan<byte> packet)
    {
        switch (packet[0] >> 4)
        {
            case 1:
                return TryConnect(descriptor, packet);
            case 12:
                SendConstant(descriptor, PingResponse);
                return true;
            case 14:
                return false;
            default:
                return true;
        }
    }

    // The fixed header and the variable header of a 3.1.1 CONNECT take 12 bytes; client id and user name follow, each behind its length.
    private bool TryConnect(int descriptor, ReadOnlySpan<byte> packet)
    {
        var userNameAt = 14 + packet[13];
        if (!_connections.TryAdd(descriptor, packet.Slice(userNameAt + 2, packet[userNameAt + 1])))
        {
            return false;
        }

        _online++;
        SendConstant(descriptor, ConnectAccepted);
        return true;
    }

    private static void SendConstant(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            _ = Libc.Send(descriptor, start, bytes.Length, Libc.MessageNoSignal);
        }
    }

    private void Close(int descriptor)
    {
        _online -= _connections.PrefixOf(descriptor).IsEmpty ? 0 : 1;
        _connections.Remove(descriptor);
        RawSocket.Close(descriptor);
    }
}
