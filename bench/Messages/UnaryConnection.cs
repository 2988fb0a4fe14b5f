using System.Text;
using IotPlatform.Bench.Http2;
using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Messages;

/// <summary>A connection whose calls are a stream each, several at a time.</summary>
internal sealed class UnaryConnection : IHttp2Receiver, IDisposable
{
    private const string Path = "/iot.v1.Messaging/SendDeviceMessage";

    private readonly Http2Connection _connection;
    private readonly MessageLedger _ledger;
    private readonly Faults _faults;
    private readonly byte[] _firstFields;
    private readonly Stack<UnaryCall> _idle = new();
    private readonly Dictionary<int, UnaryCall> _calls = [];
    private bool _hasCalled;

    public UnaryConnection(int port, string key, int callers, MessageLedger ledger, Faults faults)
    {
        _ledger = ledger;
        _faults = faults;
        _firstFields = GrpcFields.First(Path, key);
        for (var count = 0; count < callers; count++)
        {
            _idle.Push(new UnaryCall());
        }

        _connection = new Http2Connection(port, this);
    }

    public int Descriptor => _connection.Descriptor;

    /// <summary>Whether one more call of so many bytes may be made.</summary>
    public bool HasRoomFor(int bytes) => _idle.Count > 0 && bytes <= Math.Min(_connection.Window, _connection.StreamWindow);

    /// <summary>Calls with the next <see cref="Flush"/>.</summary>
    public void Write(int sequence, ReadOnlySpan<byte> request)
    {
        var stream = _connection.Begin(_hasCalled ? GrpcFields.Again : _firstFields);
        _hasCalled = true;
        _connection.WriteData(stream, request, isLast: true);
        var call = _idle.Pop();
        call.Sequence = sequence;
        call.Answer.Clear();
        _calls.Add(stream, call);
    }

    public void Flush() => _connection.Flush();

    /// <summary>Takes the answers that are there.</summary>
    public void Receive()
    {
        _connection.Receive();
        _connection.Flush();
    }

    public void Data(int stream, ReadOnlySpan<byte> data) => _calls[stream].Answer.Add(data);

    public void Ended(int stream, ReadOnlySpan<byte> fields)
    {
        if (!_calls.Remove(stream, out var call))
        {
            _faults.Add("the server ended a call that was over");
            return;
        }

        var id = MessageLedger.MessageIdOf(call.Sequence);
        if (GrpcFields.Failure(fields) is { } failure)
        {
            _faults.Add($"message {id} was answered with {failure}");
        }
        else if (!call.Answer.TryTake(out var message) || MessageAnswer.Read(message).MessageId != id)
        {
            _faults.Add($"message {id} was answered with another: {Encoding.UTF8.GetString(message)}");
        }
        else
        {
            _ledger.Answer(call.Sequence);
        }

        _idle.Push(call);
    }

    // A request is smaller than a stream's first window.
    public void Granted(int stream, int bytes)
    {
    }

    public void Dispose() => _connection.Dispose();
}
