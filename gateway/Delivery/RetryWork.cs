using System.Buffers;
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
    private MqttConnection[]? _connections;
    private int _count;
    private int _next;

    /// <summary>Complete when they have been written to.</summary>
    public Task Done => _done.Task;

    public bool DoPart()
    {
        if (_connections is null)
        {
            _connections = shard.RentConnections(broadcast.Message.ProductKey, out _count);
            _names = deviceNames is { } names ? [.. names.Except(broadcast.AcknowledgedOfLate(), StringComparer.Ordinal)] : null;
        }

        broadcast.Frame.Refresh();
        for (var end = Math.Min(_count, _next + ConnectionsInATurn); _next < end; _next++)
        {
            if (_connections[_next] is { Session: { } session, Peer: { } peer } && session.Peer == peer && IsWritten(session, peer))
            {
                broadcast.WrittenAgain();
            }
        }

        if (_next < _count)
        {
            return false;
        }

        Return();
        _done.SetResult();
        return true;
    }

    public void Fail(Exception exception)
    {
        Return();
        _done.TrySetException(exception);
    }

    private bool IsWritten(Session session, SessionPeer peer) =>
        _names is null ? session.SendAgain(peer, broadcast.Frame)
        : _names.Contains(session.Device.DeviceName) && !session.IsAwaiting(broadcast.Frame)
            && (broadcast.Frame.Topic is not { } topic || session.IsSubscribedTo(topic))
            && session.TryBroadcast(peer, broadcast.Frame, isRepeated: true);

    private void Return()
    {
        if (_connections is { } connections)
        {
            _connections = null;
            ArrayPool<MqttConnection>.Shared.Return(connections, clearArray: true);
        }
    }
}
