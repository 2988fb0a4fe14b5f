using System.Net;
using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A connection that keeps what is sent, or refuses it.</summary>
internal sealed class FakeConnection(long id = 1) : IConnection
{
    public long Id => id;

    public EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1000);

    public List<byte[]> Sent { get; } = [];

    public SendOutcome Outcome { get; set; } = SendOutcome.Sent;

    public bool IsClosed { get; private set; }

    public SendOutcome Send(ReadOnlySpan<byte> bytes)
    {
        if (Outcome == SendOutcome.Sent)
        {
            Sent.Add(bytes.ToArray());
        }

        return Outcome;
    }

    public void Resume()
    {
    }

    public void Close(bool isGraceful) => IsClosed = true;
}
