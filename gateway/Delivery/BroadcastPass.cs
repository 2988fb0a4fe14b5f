using IotPlatform.Broadcasts;
using IotPlatform.Diagnostics;

namespace IotPlatform.Delivery;

/// <summary>Broadcasts of one product on their way to the connections of a shard that are open when their turn comes.</summary>
internal sealed class BroadcastPass(GatewayShard shard, string productKey, BroadcastFrame[] frames, GatewayInstruments instruments) : IBroadcastWork
{
    /// <summary>Sends in one turn, of whatever is for a connection: about a millisecond's worth.</summary>
    private const int SendsInATurn = 128;

    /// <summary>Connections that are looked at in one turn: a broadcast may concern few of very many.</summary>
    private const int ConnectionsInATurn = 4_096;

    private readonly TaskCompletionSource<BroadcastTally[]> _tallies = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BroadcastWriter? _writer;
    private RentedConnections? _connections;

    /// <summary>A tally for each, when all connections have been written to.</summary>
    public Task<BroadcastTally[]> Tallies => _tallies.Task;

    public bool DoPart()
    {
        _writer ??= new BroadcastWriter(frames);
        _connections ??= shard.RentConnections(productKey);
        _connections.Pass(_writer.Write(_connections.Next(ConnectionsInATurn), SendsInATurn));
        if (!_connections.IsPassed)
        {
            return false;
        }

        _connections.Dispose();
        var tallies = _writer.Tally();
        for (var i = 0; i < frames.Length; i++)
        {
            instruments.Sent(tallies[i].Written);
            instruments.Dropped(DropReason.Slow, tallies[i].Dropped);
            frames[i].Ongoing?.PassedBy(tallies[i]);
        }

        // Remembered for as long as its answer may be asked for again, but not what it was of.
        _writer = null;
        _connections = null;
        frames = [];
        _tallies.SetResult(tallies);
        return true;
    }

    public void Fail(Exception exception)
    {
        _connections?.Dispose();
        _tallies.TrySetException(exception);
    }
}
