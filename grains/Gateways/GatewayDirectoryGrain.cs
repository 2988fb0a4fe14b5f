namespace IotPlatform.Gateways;

/// <summary>The live gateways, in memory: after a loss, the next renewals bring them back.</summary>
internal sealed class GatewayDirectoryGrain(TimeProvider time) : Grain, IGatewayDirectoryGrain
{
    private readonly Dictionary<GatewayId, (GatewayLease Lease, DateTimeOffset EndsAt)> _leases = [];
    private GatewayList? _list;
    private long _version;

    public Task RenewAsync(GatewayLease lease)
    {
        var isKnown = _leases.TryGetValue(lease.Gateway, out var known);
        if (isKnown && known.Lease.Epoch > lease.Epoch)
        {
            return Task.CompletedTask;
        }

        if (!isKnown || known.Lease.Epoch != lease.Epoch || !known.Lease.Shards.SequenceEqual(lease.Shards))
        {
            _list = null;
        }

        _leases[lease.Gateway] = (lease, time.GetUtcNow() + IGatewayDirectoryGrain.LeaseTime);
        return Task.CompletedTask;
    }

    public Task LeaveAsync(GatewayId gateway, long epoch)
    {
        if (_leases.TryGetValue(gateway, out var known) && known.Lease.Epoch == epoch)
        {
            _leases.Remove(gateway);
            _list = null;
        }

        return Task.CompletedTask;
    }

    public Task<GatewayList> ListAsync()
    {
        DropLapsed();
        return Task.FromResult(_list ??= new GatewayList(
            ++_version, [.. _leases.Values.Select(static l => l.Lease).OrderBy(static l => l.Gateway.Value, StringComparer.Ordinal)]));
    }

    private void DropLapsed()
    {
        var now = time.GetUtcNow();
        foreach (var (gateway, (_, endsAt)) in _leases)
        {
            if (endsAt <= now)
            {
                _leases.Remove(gateway);
                _list = null;
            }
        }
    }
}
