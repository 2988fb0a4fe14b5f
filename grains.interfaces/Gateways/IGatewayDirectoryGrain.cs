using Orleans.Concurrency;

namespace IotPlatform.Gateways;

/// <summary>The gateways that are alive. Key: <see cref="GrainKey"/>.</summary>
[Alias("iot.gateway-directory")]
public interface IGatewayDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string GrainKey = "gateways/all";

    /// <summary>
    /// A gateway says that it is alive; again well within every <see cref="LeaseTime"/>. A newer epoch replaces an older one.
    /// </summary>
    [Alias("renew")]
    Task RenewAsync(GatewayLease lease);

    /// <summary>A gateway says goodbye.</summary>
    [Alias("leave")]
    Task LeaveAsync(GatewayId gateway, long epoch);

    /// <summary>The gateways whose lease has not lapsed.</summary>
    [Alias("list"), ReadOnly]
    Task<GatewayList> ListAsync();

    /// <summary>A gateway that has not renewed for so long is gone.</summary>
    static TimeSpan LeaseTime => TimeSpan.FromSeconds(15);
}
