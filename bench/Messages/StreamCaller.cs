using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>Sends messages over streams. What is called for in one turn of the load leaves together.</summary>
internal sealed class StreamCaller(IPlatform platform, SendLoad load, DeviceNames names, MessageLedger ledger, Faults faults) : IMessageCaller
{
    private readonly StreamConnection?[] _streams = new StreamConnection?[load.Streams];
    private readonly MessageRequest _request = MessageRequest.OfStream(names, load.PayloadBytes, load.HasOwnIds);

    public void Open(Epoll epoll)
    {
        for (var index = 0; index < _streams.Length; index++)
        {
            var port = platform.GrpcPorts[index % platform.GrpcPorts.Count];
            var stream = _streams[index] = new StreamConnection(port, platform.Key, load.UnderWay, ledger, faults);
            epoll.Watch(stream.Descriptor, Epoll.Readable, index);
        }
    }

    public bool MayCallFor(int device) => StreamOf(device).HasRoomFor(_request.Bytes);

    public void Call(int sequence)
    {
        var device = ledger[sequence].Device;
        StreamOf(device).Write(_request.For(device, sequence));
    }

    public void Flush()
    {
        foreach (var stream in _streams)
        {
            stream!.Flush();
        }
    }

    public void Handle(int token) => _streams[token]!.Receive();

    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            stream?.Dispose();
        }
    }

    private StreamConnection StreamOf(int device) => _streams[device % _streams.Length]!;
}
