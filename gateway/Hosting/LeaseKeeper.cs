using System.Globalization;
using IotPlatform.Delivery;
using IotPlatform.Gateways;
using IotPlatform.Grpc.Health;
using IotPlatform.Routing.Peers;
using IotPlatform.Sessions;
using IotPlatform.Sessions.Kept;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Keeps this gateway's lease in the cluster, and passes on what it learns by that: who else is there, and that grains may have been lost.</summary>
internal sealed partial class LeaseKeeper(
    GatewayIdentity self,
    GatewayShards shards,
    PeerObserver peer,
    PeerGateways peers,
    AttachmentKeeper attachments,
    SessionRegistry sessions,
    SessionLinker linker,
    HealthState health,
    IGrainFactory grains,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<LeaseKeeper> logger)
{
    private GatewayList _list = new(0, []);
    private long _clusterVersion;

    // The way that worked last: 0 is straight to the directory.
    private int _way;

    /// <summary>It takes no new connections, and sends its present ones away.</summary>
    public bool IsDraining { get; set; }

    /// <summary>The other gateways, as they were told last.</summary>
    public IEnumerable<GatewayLease> Others => _list.Gateways.Where(lease => lease.Gateway != self.Gateway);

    /// <summary>Says that this gateway is alive.</summary>
    public async Task RenewAsync()
    {
        var reply = await AskAsync(new LeaseRenewal(Lease(), shards.ConnectionCount, _list.Version));
        if (reply.List is { } list)
        {
            _list = list;
        }

        // Also where it has not changed: who said hello, and was gone before the list told of it, is not in the next one either.
        peers.Update(_list);

        if (reply.HadLapsed)
        {
            LogLapsed(logger, self.Gateway);
            sessions.EndWhatOthersPublishTo();
            linker.LinkAll();
        }

        if (_clusterVersion != 0 && (reply.HadLapsed || reply.ClusterVersion != _clusterVersion))
        {
            attachments.CheckAllSoon();
        }

        _clusterVersion = reply.ClusterVersion;
    }

    /// <summary>
    /// Renews at intervals until it is stopped. A failure is told once an episode; one that lasts longer than the lease makes the gateway unhealthy, so that load
    /// balancers look elsewhere.
    /// </summary>
    public async Task KeepAsync(CancellationToken stoppingToken)
    {
        long? failingSince = null;
        using var timer = new PeriodicTimer(IGatewayDirectoryGrain.RenewInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RenewAsync();
                failingSince = null;
            }
            catch (Exception exception)
            {
                if (failingSince is null)
                {
                    LogRenewFailed(logger, exception);
                }

                failingSince ??= time.GetTimestamp();
            }

            health.Set("", !IsDraining && (failingSince is not { } since || time.GetElapsedTime(since) < IGatewayDirectoryGrain.LeaseTime));
        }
    }

    /// <summary>Says goodbye.</summary>
    public Task LeaveAsync() => Directory().LeaveAsync(self.Gateway, self.Epoch);

    /// <summary>What this gateway is to the cluster.</summary>
    public GatewayLease Lease() =>
        new(self.Gateway, self.Epoch, shards.References, peer.Reference, options.Value.AdvertisedAddress ?? $"{Environment.MachineName}:{options.Value.Port}", IsDraining);

    // A silo that is stopped takes calls and answers none, until the others have declared it dead: another grain's calls may go through another silo.
    private async Task<LeaseReply> AskAsync(LeaseRenewal renewal)
    {
        try
        {
            return await (_way == 0 ? Directory().RenewAsync(renewal) : Relay(_way).RenewAsync(renewal));
        }
        catch
        {
            _way++;
            throw;
        }
    }

    private ILeaseRelayGrain Relay(int way) => grains.GetGrain<ILeaseRelayGrain>(way.ToString(CultureInfo.InvariantCulture));

    private IGatewayDirectoryGrain Directory() => grains.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);

    [LoggerMessage(4204, LogLevel.Warning, "The gateway's lease could not be renewed; it is tried again every few seconds")]
    private static partial void LogRenewFailed(ILogger logger, Exception exception);

    [LoggerMessage(4205, LogLevel.Warning, "The lease of gateway {Gateway} had lapsed: its connections were void, and are attached again; sessions that others may have published to meanwhile are ended")]
    private static partial void LogLapsed(ILogger logger, GatewayId gateway);
}
