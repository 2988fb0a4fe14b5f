using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>Sends each message with a gRPC call of its own; callers share a few connections, as those of one service do.</summary>
internal sealed class UnaryCaller(IPlatform platform, SendLoad load, DeviceNames names, MessageLedger ledger, Faults faults) : IMessageCaller
{
    private readonly UnaryConnection?[] _connections = new UnaryConnection?[load.Connections];
    private readonly MessageRequest _request = MessageRequest.OfCall(names, load.PayloadBytes);
    private int _next;

    public void Open(Epoll epoll)
    {
        for (var index = 0; index < _connections.Length; index++)
        {
            var port = platform.GrpcPorts[index % platform.GrpcPorts.Count];
            var callers = (load.Callers + index) / _connections.Length;
            var connection = _connections[index] = new UnaryConnection(port, platform.Key, callers, ledger, faults);
            epoll.Watch(connection.Descriptor, Epoll.Readable, index);
        }
    }

    // Looks from the next connection on, so that all are used alike.
    public bool MayCallFor(int device)
    {
        for (var count = 0; count < _connections.Length; count++)
        {
            if (_connections[_next]!.HasRoomFor(_request.Bytes))
            {
                return true;
            }

            _next = (_next + 1) % _connections.Length;
        }

        return false;
    }

    public void Call(int sequence)
    {
        _connections[_next]!.Write(sequence, _request.For(ledger[sequence].Device, sequence));
        _next = (_next + 1) % _connections.Length;
    }

    public void Flush()
    {
        foreach (var connection in _connections)
        {
            connection!.Flush();
        }
    }

    public void Handle(int token) => _connections[token]!.Receive();

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection?.Dispose();
        }
    }
}
