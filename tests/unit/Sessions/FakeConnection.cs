using System.Net;
using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A connection that keeps what is sent, or refuses it.</summary>
internal sealed class FakeConnection(long id = 1) : IConnection
{
    private int _resumes;

    public long Id => id;

    public EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1000);

    public List<byte[]> Sent { get; } = [];

    public SendOutcome Outcome { get; set; } = SendOutcome.Sent;

    /// <summary>Called after something was sent.</summary>
    public Action OnSent { get; set; } = static () => { };

    public bool IsClosed { get; private set; }

    public bool IsBacklogged { get; set; }

    public int Resumes => Volatile.Read(ref _resumes);

    public SendOutcome Send(ReadOnlySpan<byte> bytes)
    {
        // A test may change it at any time.
        var outcome = Outcome;
        if (outcome == SendOutcome.Sent)
        {
            lock (Sent)
            {
                Sent.Add(bytes.ToArray());
            }

            OnSent();
        }

        return outcome;
    }

    public void Resume() => Interlocked.Increment(ref _resumes);

    public void Close(bool isGraceful) => IsClosed = true;

    public void CloseWith(ReadOnlySpan<byte> lastPacket)
    {
        Send(lastPacket);
        Close(isGraceful: true);
    }
}
