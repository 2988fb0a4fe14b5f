using System.Collections.Immutable;
using IotPlatform.Devices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Gateways;

/// <summary>
/// What a silo knows of the gateways: a copy of the directory's list, at most a second behind. By it, every attachment to a gateway that is gone is void at
/// once, without a word to the devices' grains; only those that hold a will are told.
/// </summary>
internal sealed partial class LiveGateways(IGrainFactory grains, WillWatch wills, TimeProvider time, ILogger<LiveGateways> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Longer than any device's grain remembers a connection to the gateway, and than any call that names it can be under way.</summary>
    private static readonly TimeSpan GoneRememberedFor = 2 * IDeviceGrain.AttachmentTime;

    private ImmutableDictionary<GatewayId, Gone> _gone = ImmutableDictionary<GatewayId, Gone>.Empty;
    private GatewayList _list = new(0, []);

    /// <summary>The gateways as they were a moment ago; those that have just come may be missing.</summary>
    public ImmutableArray<GatewayLease> List => _list.Gateways;

    /// <summary>Whether the gateway is known to be gone.</summary>
    public bool IsVoid(in Attachment attachment) =>
        _gone.TryGetValue(attachment.Gateway, out var gone) && attachment.Epoch <= gone.Epoch;

    /// <summary>The gateway of an attachment; null when it has only just come, or is gone.</summary>
    public GatewayLease? Find(in Attachment attachment)
    {
        foreach (var lease in _list.Gateways)
        {
            if (lease.Epoch == attachment.Epoch && lease.Gateway == attachment.Gateway)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>Takes a newer list of gateways.</summary>
    public async Task UpdateAsync(GatewayList list)
    {
        var lost = Difference(_list, list);
        Remember(list, lost);
        _list = list;
        foreach (var lease in lost)
        {
            await wills.GatewayLostAsync(lease.Gateway, lease.Epoch);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var directory = grains.GetGrain<IGatewayDirectoryGrain>(IGatewayDirectoryGrain.GrainKey);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var list = await directory.ListAsync();
                if (list.Version != _list.Version)
                {
                    // Telling those with a will takes a while; what is void is known at once.
                    _ = UpdateAsync(list);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The last list stays in force: gateways do not end because their directory is being moved.
                LogFailed(logger, exception);
            }
        }
    }

    private static List<GatewayLease> Difference(GatewayList before, GatewayList after) =>
        [.. before.Gateways.Where(old => !after.Gateways.Any(lease => lease.Gateway == old.Gateway && lease.Epoch == old.Epoch))];

    private void Remember(GatewayList list, List<GatewayLease> lost)
    {
        var now = time.GetUtcNow();
        var gone = _gone.RemoveRange(_gone.Where(entry => now - entry.Value.Since > GoneRememberedFor).Select(static entry => entry.Key));
        gone = gone.SetItems(lost.Select(lease => KeyValuePair.Create(lease.Gateway, new Gone(lease.Epoch, now))));

        // One whose lease had lapsed may come back with its epoch.
        _gone = gone.RemoveRange(list.Gateways.Where(lease => gone.TryGetValue(lease.Gateway, out var known) && known.Epoch == lease.Epoch).Select(static l => l.Gateway));
    }

    [LoggerMessage(3203, LogLevel.Information, "The gateway directory did not answer; the last list stays in force")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private readonly record struct Gone(long Epoch, DateTimeOffset Since);
}
