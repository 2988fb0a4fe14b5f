using IotPlatform.Clients;
using IotPlatform.Delivery;
using IotPlatform.Gateways;

namespace IotPlatform.Sessions;

/// <content>What it tells of itself.</content>
internal sealed partial class Session
{
    private DropCounts _drops;
    private long _sent;
    private bool _isOver;

    /// <summary>A message of it was dropped: counted, and noted where somebody traces it.</summary>
    public void Drop(string reason, ReadOnlySpan<byte> topic, int count = 1)
    {
        if (count <= 0)
        {
            return;
        }

        instruments.Dropped(reason, count);
        NoteDrop(reason, topic, count);
    }

    /// <summary>Its connection is gone. What waited for it is accounted for; what comes from here on is dropped at once.</summary>
    public void EndWaiting()
    {
        lock (this)
        {
            _isOver = true;
            while (!_queue.IsEmpty)
            {
                var (message, copy) = _queue.Dequeue();
                if (message is not null)
                {
                    Drop(kept is not null ? DropReason.Kept : copy.Share is not null ? DropReason.Redistributed : DropReason.SessionEnded, message.SharedTopic);
                }
            }
        }
    }

    /// <summary>Whether it might be slow: a quick look before a closer one.</summary>
    public bool MayBeSlow(SessionPeer peer) => _drops.HasAny || !_queue.IsEmpty || peer.Connection.IsBacklogged;

    /// <summary>Itself, as it is now.</summary>
    /// <param name="gateway">The gateway it is at.</param>
    /// <param name="connection">Its connection.</param>
    /// <param name="peer">What its client takes.</param>
    public ClientView ToView(GatewayId gateway, MqttConnection connection, SessionPeer peer)
    {
        lock (this)
        {
            return new ClientView(
                Device,
                connection.ClientId,
                gateway,
                connection.ConnectionId,
                (Devices.DeviceProtocol)peer.Version,
                peer.Connection.RemoteEndPoint.ToString() ?? "",
                connection.Since,
                Expiry,
                _subscriptions.ToKeep(),
                _inFlight.Count,
                _queue.Count,
                _queue.Bytes,
                peer.Connection.BytesPending,
                new ClientTraffic(connection.MessagesReceived, connection.BytesReceived, _sent, peer.Connection.BytesSent, _drops.ToCounts()));
        }
    }

    private void CountSentLocked(long count = 1)
    {
        _sent += count;
        instruments.Sent(count);
    }

    // Of broadcasts, which are counted for all connections at once.
    private void NoteDrop(string reason, ReadOnlySpan<byte> topic, int count)
    {
        _drops.Add(reason, count);
        Peer?.Owner.Trace?.Dropped(reason, topic, count);
    }
}
