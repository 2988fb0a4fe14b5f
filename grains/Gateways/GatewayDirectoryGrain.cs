using Microsoft.Extensions.Logging;

namespace IotPlatform.Gateways;

/// <summary>
/// The live gateways, in memory. What changes is saved behind the answers, so that a new activation, after the loss of a silo, begins with the gateways
/// that were there, and not with none.
/// </summary>
internal sealed partial class GatewayDirectoryGrain(ILeaseStore store, IClusterVersion cluster, TimeProvider time, ILogger<GatewayDirectoryGrain> logger)
    : Grain, IGatewayDirectoryGrain
{
    /// <summary>Silos ask every second, so that a longer silence is this process's own: it was stopped, or has just begun.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(3);

    private readonly Dictionary<GatewayId, Entry> _leases = [];
    private GatewayList? _list;
    private DateTimeOffset _heardAt;
    private long _version;
    private bool _isSaving;
    private bool _isUnsaved;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var lease in await store.LoadAsync())
        {
            _leases[lease.Gateway] = new Entry(lease, 0, now);
        }

        _heardAt = now;
        if (_leases.Count > 0)
        {
            LogActivated(logger, string.Join(' ', _leases.Keys));
        }
    }

    public Task<LeaseReply> RenewAsync(LeaseRenewal renewal)
    {
        DropLapsed();
        var lease = renewal.Lease;
        var known = _leases.GetValueOrDefault(lease.Gateway);
        if (known is null || known.Lease.Epoch <= lease.Epoch)
        {
            _leases[lease.Gateway] = new Entry(lease, renewal.Connections, time.GetUtcNow());
            if (known?.Lease.IsSameAs(lease) != true)
            {
                Changed();
            }
        }

        var list = List();
        var hadLapsed = renewal.KnownVersion > 0 && known?.Lease.Epoch != lease.Epoch;
        SaveBehind();
        return Task.FromResult(new LeaseReply(list.Version == renewal.KnownVersion ? null : list, cluster.Current, hadLapsed));
    }

    public Task LeaveAsync(GatewayId gateway, long epoch)
    {
        if (_leases.GetValueOrDefault(gateway)?.Lease.Epoch == epoch)
        {
            _leases.Remove(gateway);
            Changed();
        }

        return Task.CompletedTask;
    }

    public Task<GatewayList> ListAsync()
    {
        DropLapsed();
        return Task.FromResult(List());
    }

    public Task<GatewayStatusList> StatusAsync()
    {
        DropLapsed();
        return Task.FromResult(new GatewayStatusList(
            List().Version, [.. InOrder().Select(static entry => new GatewayStatus(entry.Lease, entry.Connections, entry.RenewedAt))]));
    }

    // Grows across activations too, as far as clocks do: nobody takes an older list for a newer one.
    private GatewayList List() => _list ??= new GatewayList(
        _version = Math.Max(_version + 1, time.GetUtcNow().ToUnixTimeMilliseconds()), [.. InOrder().Select(static entry => entry.Lease)]);

    private IEnumerable<Entry> InOrder() => _leases.Values.OrderBy(static entry => entry.Lease.Gateway.Value, StringComparer.Ordinal);

    private void DropLapsed()
    {
        var now = time.GetUtcNow();
        var silence = now - _heardAt;
        _heardAt = now;
        if (silence > SilenceMax)
        {
            // What gateways said meanwhile has not been heard: it is not their leases that lapse.
            foreach (var (gateway, entry) in _leases)
            {
                _leases[gateway] = entry with { RenewedAt = entry.RenewedAt + silence };
            }
        }

        var lapsesBefore = now - IGatewayDirectoryGrain.LeaseTime;
        foreach (var (gateway, entry) in _leases)
        {
            if (entry.RenewedAt <= lapsesBefore)
            {
                LogLapsed(logger, gateway);
                _leases.Remove(gateway);
                Changed();
            }
        }
    }

    private void Changed()
    {
        _list = null;
        _isUnsaved = true;
        SaveBehind();
    }

    // Nobody waits for it: a store that is away must not end leases. What could not be saved is tried again with the next renewal.
    private async void SaveBehind()
    {
        if (_isSaving || !_isUnsaved)
        {
            return;
        }

        _isSaving = true;
        try
        {
            // What changes meanwhile is saved at once: a gateway that is not saved when this silo is lost is taken for gone.
            while (_isUnsaved)
            {
                _isUnsaved = false;
                await store.SaveAsync([.. _leases.Values.Select(static entry => entry.Lease)]);
            }
        }
        catch (Exception exception)
        {
            _isUnsaved = true;
            LogSaveFailed(logger, exception);
        }
        finally
        {
            _isSaving = false;
        }
    }

    [LoggerMessage(3204, LogLevel.Information, "The gateway directory begins with: {Gateways}")]
    private static partial void LogActivated(ILogger logger, string gateways);

    [LoggerMessage(3201, LogLevel.Warning, "Gateway {Gateway} has not renewed its lease: its connections are void")]
    private static partial void LogLapsed(ILogger logger, GatewayId gateway);

    [LoggerMessage(3202, LogLevel.Warning, "The gateway leases could not be saved; the next renewal tries again")]
    private static partial void LogSaveFailed(ILogger logger, Exception exception);

    private sealed record Entry(GatewayLease Lease, int Connections, DateTimeOffset RenewedAt);
}
