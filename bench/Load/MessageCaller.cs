using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>Calls <c>SendDeviceMessage</c>, QoS 1, through the public REST API of all gateways, and reports the answers to the ledger.</summary>
internal sealed class MessageCaller : IMessageCaller
{
    // As services do that are told to come again.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly HttpPool _pool;
    private readonly DeviceNames _names;
    private readonly MessageLedger _ledger;
    private readonly Faults _faults;
    private readonly bool _triesAgain;
    private readonly Queue<(int Sequence, long At)> _again = new();
    private readonly byte[] _payload;
    private readonly byte[] _request;
    private readonly int _nameAt;
    private readonly int _idAt;
    private readonly int _payloadAt;

    /// <param name="platform">Who is called.</param>
    /// <param name="pool">The connections, for this caller alone.</param>
    /// <param name="names">The devices.</param>
    /// <param name="payloadBytes">The length of a message.</param>
    /// <param name="ledger">Is told the answers.</param>
    /// <param name="faults">Is told refusals.</param>
    /// <param name="triesAgain">Whether a message that was not accepted is called again, under its id; otherwise that is a fault.</param>
    public MessageCaller(IPlatform platform, HttpPool pool, DeviceNames names, int payloadBytes, MessageLedger ledger, Faults faults, bool triesAgain = false)
    {
        _pool = pool;
        _names = names;
        _ledger = ledger;
        _faults = faults;
        _triesAgain = triesAgain;
        _payload = new byte[payloadBytes];
        PayloadPattern.Write(_payload, 0);
        _request = RequestFor(platform.Key, names, payloadBytes, out _nameAt, out _idAt, out _payloadAt);
    }

    public bool MayCall => _pool.HasIdle;

    /// <summary>Calls that were not accepted, and were made again.</summary>
    public int Refused { get; private set; }

    public void Open(Epoll epoll) => _pool.Open(epoll);

    public bool MayCallFor(int device) => MayCall;

    public void Call(int sequence)
    {
        Encoding.ASCII.GetBytes(_names.NameOf(_ledger[sequence].Device), _request.AsSpan(_nameAt));
        Utf8Formatter.TryFormat(MessageLedger.MessageIdOf(sequence), _request.AsSpan(_idAt), out _);
        BitConverter.TryWriteBytes(_payload, (long)sequence);
        Base64.EncodeToUtf8(_payload, _request.AsSpan(_payloadAt), out _, out _);
        _pool.Send(_request, sequence);
    }

    // Each call is a request of its own, and has been sent.
    public void Flush()
    {
    }

    /// <summary>Calls again what was refused and is due.</summary>
    public void CallAgain()
    {
        while (MayCall && _again.TryPeek(out var next) && next.At <= Stopwatch.GetTimestamp())
        {
            _again.Dequeue();
            Call(next.Sequence);
        }
    }

    public void Handle(int token)
    {
        if (!_pool.TryReceive(token, out var sequence, out var answer))
        {
            return;
        }

        if (answer.Status is >= 200 and <= 299)
        {
            _ledger.Answer(sequence);
        }
        else if (_triesAgain)
        {
            Refused++;
            _again.Enqueue((sequence, Stopwatch.GetTimestamp() + (long)(RetryInterval.TotalSeconds * Stopwatch.Frequency)));
        }
        else
        {
            _faults.Add($"message {MessageLedger.MessageIdOf(sequence)} was answered with {answer.Status}: {Encoding.UTF8.GetString(answer.Body)}");
        }
    }

    public void Dispose() => _pool.Dispose();

    // The whole request is made once; a call only replaces name, id and payload, whose lengths never change.
    private static byte[] RequestFor(string key, DeviceNames names, int payloadBytes, out int nameAt, out int idAt, out int payloadAt)
    {
        var path = $"POST /v1/products/{DeviceNames.DemoProduct}/devices/";
        var beforeId = "{\"messageId\":\"";
        var id = MessageLedger.MessageIdOf(0).ToString(CultureInfo.InvariantCulture);
        var beforePayload = "\",\"payload\":\"";
        var payload = new string('A', Base64.GetMaxEncodedToUtf8Length(payloadBytes));
        var body = $"{beforeId}{id}{beforePayload}{payload}\"}}";
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"{path}{names.NameOf(0)}/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        nameAt = path.Length;
        idAt = head.Length + beforeId.Length;
        payloadAt = idAt + id.Length + beforePayload.Length;
        return Encoding.ASCII.GetBytes(head + body);
    }
}
