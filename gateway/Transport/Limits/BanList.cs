using System.Collections.Frozen;
using System.Net;
using IotPlatform.Devices;
using IotPlatform.Orders;

namespace IotPlatform.Transport.Limits;

/// <summary>Who may not log in for a time.</summary>
internal sealed class BanList(TimeProvider time)
{
    private volatile State _state = new(FrozenDictionary<DeviceId, DateTimeOffset>.Empty, []);

    /// <summary>Takes all bans that stand from here on.</summary>
    public void Set(IEnumerable<Ban> bans)
    {
        var devices = new Dictionary<DeviceId, DateTimeOffset>();
        var networks = new List<(AddressRange, DateTimeOffset)>();
        foreach (var ban in bans)
        {
            if (ban.Device is { } device)
            {
                devices[device] = ban.Until;
            }
            else if (ban.Network is { } network && AddressRange.TryParse(network, out var range))
            {
                networks.Add((range, ban.Until));
            }
        }

        _state = new State(devices.ToFrozenDictionary(), [.. networks]);
    }

    /// <summary>Whether nobody may log in from there.</summary>
    public bool IsBanned(EndPoint client)
    {
        var networks = _state.Networks;
        if (networks.Length == 0)
        {
            return false;
        }

        var now = time.GetUtcNow();
        foreach (var (range, until) in networks)
        {
            if (range.Contains(client) && until > now)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a device may not log in.</summary>
    public bool IsBanned(DeviceId device) => _state.Devices.TryGetValue(device, out var until) && until > time.GetUtcNow();

    private sealed record State(FrozenDictionary<DeviceId, DateTimeOffset> Devices, (AddressRange Range, DateTimeOffset Until)[] Networks);
}
