using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>One keep-alive connection with at most one request in flight.</summary>
internal sealed class HttpCallerConnection(int port) : IDisposable
{
    private readonly byte[] _answer = new byte[16 * 1024];
    private int _answerBytes;

    public int Descriptor { get; } = RawSocket.Connect(port);

    /// <summary>The broadcast, or whatever else the request is about, whose answer is awaited.</summary>
    public int Sequence { get; private set; }

    public void Send(int sequence, ReadOnlySpan<byte> request)
    {
        Sequence = sequence;
        _answerBytes = 0;
        RawSocket.SendAll(Descriptor, request);
    }

    /// <summary>Receives what is there; true when the answer is whole.</summary>
    public bool TryReceive(out HttpAnswer answer)
    {
        var received = RawSocket.ReceiveWaiting(Descriptor, _answer.AsSpan(_answerBytes));
        if (received == 0)
        {
            throw new EndOfStreamException("The server closed a connection of the REST API.");
        }

        _answerBytes += Math.Max(received, 0);
        return HttpAnswer.TryRead(_answer.AsSpan(0, _answerBytes), out answer);
    }

    public void Dispose() => RawSocket.Close(Descriptor);
}
