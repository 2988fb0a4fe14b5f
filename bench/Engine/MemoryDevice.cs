using System.Net;
using IotPlatform.Sessions;
using IotPlatform.Transport;

namespace IotPlatform.Bench.Engine;

/// <summary>A device whose connection is in memory. It knows whether it was let in, counts what it gets, and keeps nothing.</summary>
internal sealed class MemoryDevice : IConnection
{
    private readonly IConnectionHandler _handler;
    private readonly Action<MemoryDevice> _answered;
    private bool _hasEnded;

    /// <param name="factory">Makes the gateway's side.</param>
    /// <param name="client">Where the device seems to be.</param>
    /// <param name="answered">Called when it was let in or sent away.</param>
    public MemoryDevice(MqttConnectionFactory factory, EndPoint client, Action<MemoryDevice> answered)
    {
        (RemoteEndPoint, _answered) = (client, answered);
        Id = ConnectionIds.Next();
        _handler = factory.Create(this);
    }

    public long Id { get; }

    public EndPoint RemoteEndPoint { get; }

    public bool IsBacklogged => false;

    /// <summary>It got a CONNACK that says yes, and has not been closed since.</summary>
    public bool IsOnline { get; private set; }

    /// <summary>PUBLISHes since it was let in.</summary>
    public int Publishes { get; private set; }

    /// <summary>Sends packets, which the gateway takes at once.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _handler.Received(bytes, out _);

    public SendOutcome Send(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0x20, ..])
        {
            IsOnline = bytes is [_, _, _, 0, ..];
            _answered(this);
        }
        else
        {
            CountPublishes(bytes);
        }

        return SendOutcome.Sent;
    }

    // It has sent all that it has to say.
    public void Resume()
    {
    }

    public void Close(bool isGraceful)
    {
        if (!Interlocked.Exchange(ref _hasEnded, true))
        {
            IsOnline = false;

            // Never on the caller's stack, which may hold the session's lock.
            ThreadPool.UnsafeQueueUserWorkItem(static handler => handler.Closed(), _handler, preferLocal: false);
        }
    }

    public void CloseWith(ReadOnlySpan<byte> lastPacket)
    {
        Send(lastPacket);
        Close(isGraceful: true);
    }

    // What is sent at once are whole packets.
    private void CountPublishes(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Publishes += bytes[0] >> 4 == 3 ? 1 : 0;
            var (at, length, shift) = (1, 0, 0);
            do
            {
                length |= (bytes[at] & 0x7F) << shift;
                shift += 7;
            }
            while (bytes[at++] >= 0x80);
            bytes = bytes[(at + length)..];
        }
    }
}
