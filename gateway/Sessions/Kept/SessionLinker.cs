using IotPlatform.Delivery;
using IotPlatform.Hosting;
using IotPlatform.Mqtt;
using Microsoft.Extensions.Options;

namespace IotPlatform.Sessions.Kept;

/// <summary>
/// Names this gateway's connections to shards that have lost their memory, with a silo or because this gateway was taken for gone: until then what their sessions
/// get waits.
/// </summary>
internal sealed partial class SessionLinker
{
    private const int BatchLength = 500;
    private const int AttemptsMax = 10;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly SessionShardSet _set;
    private readonly GatewayShards _connections;
    private readonly int _inFlightMax;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public SessionLinker(SessionShardSet set, GatewayShards connections, IOptions<GatewayOptions> options, TimeProvider time, ILogger<SessionLinker> logger)
    {
        (_set, _connections, _inFlightMax, _time, _logger) = (set, connections, options.Value.Session.InFlightMax, time, logger);
        foreach (var shard in set.All)
        {
            shard.Reactivated = lost => _ = LinkAsync(lost);
        }
    }

    /// <summary>Names the connections to all shards.</summary>
    public void LinkAll()
    {
        foreach (var shard in _set.All)
        {
            _ = LinkAsync(shard);
        }
    }

    private async Task LinkAsync(SessionShard shard)
    {
        await Task.Yield();
        foreach (var batch in _connections.Connections().Where(connection => connection.IsOpen && connection.Session?.Kept?.Shard == shard).Chunk(BatchLength))
        {
            for (var attempt = 1; !await TryLinkAsync(shard, batch).ConfigureAwait(false) && attempt < AttemptsMax; attempt++)
            {
                await Task.Delay(RetryInterval, _time).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> TryLinkAsync(SessionShard shard, MqttConnection[] connections)
    {
        try
        {
            var reply = await shard.Grain.LinkAsync(new LinkSessions([.. connections.Select(LinkOf)])).ConfigureAwait(false);
            for (var i = 0; i < connections.Length; i++)
            {
                if (reply.Lost[i])
                {
                    connections[i].Disconnect(ReasonCode.SessionTakenOver);
                }
            }

            return true;
        }
        catch (Exception exception)
        {
            LogFailed(_logger, exception, connections.Length, shard.Number);
            return false;
        }
    }

    private SessionLink LinkOf(MqttConnection connection)
    {
        var session = connection.Session!;
        return new SessionLink(
            session.Kept!.Name,
            _connections.AttachmentOf(connection.ConnectionId),
            _connections.ShardOf(connection.ConnectionId).Reference,
            connection.Peer?.ReceiveMaximum ?? _inFlightMax,
            session.Expiry);
    }

    [LoggerMessage(4309, LogLevel.Information, "{Count} connections could not be named to session shard {Shard}; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count, int shard);
}
