using System.Buffers.Text;
using System.Globalization;
using System.Text;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Calls <c>PubBroadcast</c> through the public REST API. Written on sockets because a client library would use as much CPU for a call
/// as a server does for a few hundred deliveries, and the two share the machine.
/// </summary>
internal sealed class HttpCaller : IBroadcastCaller
{
    private readonly int _port;
    private readonly HttpCallerConnection?[] _connections;
    private readonly Stack<int> _idle = new();
    private readonly Faults _faults;
    private readonly byte[] _request;
    private readonly byte[] _payload;
    private readonly int _contentAt;
    private DeliveryLedger? _ledger;

    public HttpCaller(int port, string key, int inFlight, int payloadBytes, int qos, Faults faults)
    {
        _faults = faults;
        _port = port;
        _connections = new HttpCallerConnection?[inFlight];
        _payload = new byte[payloadBytes];
        PayloadPattern.Write(_payload, 0);
        _request = RequestFor(port, key, payloadBytes, qos, out _contentAt);
    }

    // Not before it is needed: a server closes a connection on which nothing is asked.
    public void Open(Epoll epoll, DeliveryLedger ledger)
    {
        _ledger = ledger;
        for (var index = 0; index < _connections.Length; index++)
        {
            var connection = _connections[index] = new HttpCallerConnection(_port);
            epoll.Watch(connection.Descriptor, Epoll.Readable, index);
            _idle.Push(index);
        }
    }

    public void Call(int sequence)
    {
        BitConverter.TryWriteBytes(_payload, (long)sequence);
        Base64.EncodeToUtf8(_payload, _request.AsSpan(_contentAt), out _, out _);
        _connections[_idle.Pop()]!.Send(sequence, _request);
    }

    public void Handle(int token)
    {
        var connection = _connections[token]!;
        if (!connection.TryReceive(out var answer))
        {
            return;
        }

        _idle.Push(token);
        if (answer.Status is < 200 or > 299)
        {
            _faults.Add($"broadcast {connection.Sequence} was answered with {answer.Status}: {Encoding.UTF8.GetString(answer.Body)}");
            _ledger!.Answer(connection.Sequence, Receipt.None);
            return;
        }

        _ledger!.Answer(connection.Sequence, ReceiptJson.Read(answer.Body));
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection?.Dispose();
        }
    }

    // The whole request is made once; a call only replaces the content, whose length never changes.
    private static byte[] RequestFor(int port, string key, int payloadBytes, int qos, out int contentAt)
    {
        var before = "{\"messageContent\":\"";
        var after = string.Create(CultureInfo.InvariantCulture, $"\",\"qos\":{qos}}}");
        var contentBytes = Base64.GetMaxEncodedToUtf8Length(payloadBytes);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/products/{DeviceNames.DemoProduct}/broadcasts HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {before.Length + contentBytes + after.Length}\r\n\r\n{before}");
        contentAt = head.Length;
        return Encoding.ASCII.GetBytes(head + new string('A', contentBytes) + after);
    }
}
