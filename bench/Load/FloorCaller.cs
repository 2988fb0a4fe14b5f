using System.Text;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>Calls the floor over its control connection, which answers in the order of the calls.</summary>
internal sealed class FloorCaller(int controlPort, int qos, int payloadBytes) : IBroadcastCaller
{
    private readonly byte[] _command = Encoding.ASCII.GetBytes($"broadcast {DeviceNames.DemoProduct} 1 {qos} {payloadBytes}\n");
    private readonly byte[] _answers = new byte[16 * 1024];
    private readonly int _descriptor = RawSocket.Connect(controlPort);
    private DeliveryLedger? _ledger;
    private int _answersBytes;
    private int _nextAnswered;

    public void Open(Epoll epoll, DeliveryLedger ledger)
    {
        _ledger = ledger;
        epoll.Watch(_descriptor, Epoll.Readable, 0);
    }

    public void Call(int sequence) => RawSocket.SendAll(_descriptor, _command);

    public void Handle(int token)
    {
        var received = RawSocket.ReceiveWaiting(_descriptor, _answers.AsSpan(_answersBytes));
        if (received == 0)
        {
            throw new EndOfStreamException("The floor has ended.");
        }

        _answersBytes += Math.Max(received, 0);
        var rest = _answers.AsSpan(0, _answersBytes);
        for (var end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
        {
            _ledger!.Answer(_nextAnswered++, Parse(rest[..end]));
            rest = rest[(end + 1)..];
        }

        rest.CopyTo(_answers);
        _answersBytes = rest.Length;
    }

    public void Dispose() => RawSocket.Close(_descriptor);

    // {message id} {targeted} {written}
    private static Receipt Parse(ReadOnlySpan<byte> line)
    {
        var targetedAt = line.IndexOf((byte)' ') + 1;
        var writtenAt = line.LastIndexOf((byte)' ') + 1;
        return new Receipt((ulong)LeadingNumber.Of(line), LeadingNumber.Of(line[targetedAt..]), LeadingNumber.Of(line[writtenAt..]), 0, 0);
    }
}
