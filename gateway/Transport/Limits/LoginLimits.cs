using System.Net;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport.Limits;

/// <summary>How often clients may log in, and fail to.</summary>
internal sealed class LoginLimits
{
    /// <summary>Addresses, and devices, known at once. A table of them takes 5 MB.</summary>
    private const int KeysMax = 100_000;

    private readonly TokenBuckets<AddressKey>? _connects;
    private readonly TokenBuckets<AddressKey>? _connectsByAddress;
    private readonly TokenBuckets<AddressKey>? _failuresByAddress;
    private readonly TokenBuckets<DeviceId>? _failuresByDevice;

    public LoginLimits(IOptions<GatewayOptions> options, GatewayInstruments instruments, TimeProvider time)
    {
        var limits = options.Value.Limits;
        _connects = Table<AddressKey>(Rate.Of(limits.ConnectsPerSecond, limits.ConnectsBurst), "connects");
        _connectsByAddress = Table<AddressKey>(Rate.Of(limits.ConnectsPerSecondPerAddress, limits.ConnectsBurstPerAddress), "connects_per_address");
        _failuresByAddress = Table<AddressKey>(RateOf(limits.LoginFailuresPerAddressMax, limits.LoginFailureWindow), "failures_per_address");
        _failuresByDevice = Table<DeviceId>(RateOf(limits.LoginFailuresPerDeviceMax, limits.LoginFailureWindow), "failures_per_device");

        TokenBuckets<TKey>? Table<TKey>(Rate? rate, string name)
            where TKey : struct =>
            rate is { } known ? new TokenBuckets<TKey>(known, KeysMax, time, count => instruments.LimitsForgotten(name, count)) : null;
    }

    /// <summary>Whether one more CONNECT may be judged.</summary>
    public bool TryConnect(EndPoint client) =>
        _connectsByAddress?.TryTake(AddressKey.Of(client)) is not false && _connects?.TryTake(Everybody) is not false;

    /// <summary>Whether too many logins have failed from there, or as this device, for one more to be looked at.</summary>
    public bool IsBanned(EndPoint client, DeviceId? device) =>
        _failuresByAddress?.HasAny(AddressKey.Of(client)) is false || (device is { } named && _failuresByDevice?.HasAny(named) is false);

    /// <summary>A login was refused for what it showed.</summary>
    public void Failed(EndPoint client, DeviceId? device)
    {
        _failuresByAddress?.TryTake(AddressKey.Of(client));
        if (device is { } named)
        {
            _failuresByDevice?.TryTake(named);
        }
    }

    // The one key of what is counted in all.
    private static AddressKey Everybody => default;

    private static Rate? RateOf(int? count, TimeSpan window) => count is { } known ? Rate.Within(known, window) : null;
}
