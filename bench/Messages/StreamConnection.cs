using System.Buffers;
using System.Text;
using IotPlatform.Bench.Http2;
using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Messages;

/// <summary>One stream of messages on a connection of its own.</summary>
internal sealed class StreamConnection : IHttp2Receiver, IDisposable
{
    private const string Path = "/iot.v1.Messaging/SendDeviceMessages";

    private readonly Http2Connection _connection;
    private readonly GrpcMessages _answers = new();
    private readonly MessageLedger _ledger;
    private readonly Faults _faults;
    private readonly int _underWayMax;
    private readonly int _stream;
    private readonly ArrayBufferWriter<byte> _written = new(256 * 1024);
    private long _granted;
    private long _sent;
    private int _ungranted;
    private int _underWay;

    public StreamConnection(int port, string key, int underWayMax, MessageLedger ledger, Faults faults)
    {
        _ledger = ledger;
        _faults = faults;
        _underWayMax = underWayMax;
        _connection = new Http2Connection(port, this);
        _stream = _connection.Begin(GrpcFields.First(Path, key));
        _connection.Flush();
    }

    public int Descriptor => _connection.Descriptor;

    /// <summary>Whether one more message of so many bytes may be sent.</summary>
    public bool HasRoomFor(int bytes) =>
        _underWay < _underWayMax && _written.WrittenCount + bytes <= Math.Min(_connection.Window, _connection.StreamWindow + _granted - _sent);

    /// <summary>Adds a message to those that <see cref="Flush"/> sends.</summary>
    public void Write(ReadOnlySpan<byte> request)
    {
        _underWay++;
        _written.Write(request);
    }

    /// <summary>Sends all that was written, as few frames as it takes.</summary>
    public void Flush()
    {
        if (_written.WrittenCount > 0)
        {
            _connection.WriteData(_stream, _written.WrittenSpan, isLast: false);
            _sent += _written.WrittenCount;
            _written.ResetWrittenCount();
            _connection.Flush();
        }
    }

    /// <summary>Takes the answers that are there.</summary>
    public void Receive()
    {
        _connection.Receive();
        _connection.Flush();
    }

    public void Data(int stream, ReadOnlySpan<byte> data)
    {
        _answers.Add(data);
        while (_answers.TryTake(out var answer))
        {
            Answer(answer);
        }

        _ungranted += data.Length;
        if (_ungranted >= Http2Connection.ReceiveWindowBytes / 4)
        {
            _connection.Grant(_stream, _ungranted);
            _ungranted = 0;
        }
    }

    public void Ended(int stream, ReadOnlySpan<byte> fields) =>
        _faults.Add($"the server ended a stream: {GrpcFields.Failure(fields) ?? "as if it had been asked to"}");

    public void Granted(int stream, int bytes) => _granted += bytes;

    public void Dispose() => _connection.Dispose();

    private void Answer(ReadOnlySpan<byte> response)
    {
        _underWay--;
        var answer = MessageAnswer.ReadOfStream(response, out var correlationId);
        if (!_ledger.TryFindUnanswered(correlationId, out var sequence))
        {
            _faults.Add($"the server answered {correlationId}, which nobody has asked for or which it had answered before");
        }
        else if (_ledger.IsNamed(sequence, answer.MessageId))
        {
            _ledger.Answer(sequence);
        }
        else
        {
            _faults.Add($"message {correlationId} was answered with {answer.MessageId}: {Encoding.UTF8.GetString(answer.Error)}");
        }
    }
}
