using System.Collections.Immutable;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>Writes a QoS 1 broadcast again to devices that have not acknowledged it.</summary>
/// <param name="shard">Whose connections those are.</param>
/// <param name="broadcast">The broadcast.</param>
/// <param name="deviceNames">To which of the shard's devices; null: to those that have it.</param>
internal sealed class RetryWork(GatewayShard shard, OngoingBroadcast broadcast, ImmutableArray<string>? deviceNames) : IBroadcastWork
{
    private const int ConnectionsInATurn = 512;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<string>? _names;
    private RentedConnections? _connections;

    /// <summary>Complete when they have been written to.</summary>
    public Task Done => _done.Task;

    public bool DoPart()
    {
        if (_connections is null)
        {
            _connections = shard.RentConnections(broadcast.Message.ProductKey);
            _names = deviceNames is { } names ? [.. names.Except(broadcast.AcknowledgedOfLate(), StringComparer.Ordinal)] : null;
        }

        broadcast.Frame.Refresh();
        var part = _connections.Next(ConnectionsInATurn);
        foreach (var connection in part)
        {
            if (connection is { Session: { } session, Peer: { } peer } && session.Peer == peer && IsWritten(session, peer))
            {
                broadcast.WrittenAgain();
            }
        }

        _connections.Pass(part.Length);
        if (!_connections.IsPassed)
        {
            return false;
        }

        _connections.Dispose();
        _done.SetResult();
        return true;
    }

    public void Fail(Exception exception)
    {
        _connections?.Dispose();
        _done.TrySetException(exception);
    }

    private bool IsWritten(Session session, SessionPeer peer) =>
        _names is null ? session.SendAgain(peer, broadcast.Frame)
        : _names.Contains(session.Device.DeviceName) && !session.IsAwaiting(broadcast.Frame)
            && (broadcast.Frame.Topic is not { } topic || session.IsSubscribedTo(topic))
            && session.TryBroadcast(peer, broadcast.Frame, isRepeated: true);
}
