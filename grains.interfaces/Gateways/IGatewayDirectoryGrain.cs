
namespace IotPlatform.Gateways;

/// <summary>The gateways that are alive. Key: <see cref="GrainKey"/>.</summary>
[Alias("iot.gateway-directory")]
public interface IGatewayDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string GrainKey = "gateways/all";

    /// <summary>
    /// A gateway says that it is alive; again every <see cref="RenewInterval"/>. A newer epoch replaces an older one. A call that is not answered is made again, and
    /// there is time for several before the lease lapses.
    /// </summary>
    [Alias("renew"), ResponseTimeout("00:00:02")]
    Task<LeaseReply> RenewAsync(LeaseRenewal renewal);

    /// <summary>A gateway says goodbye: what it held is void from here on.</summary>
    [Alias("leave"), ResponseTimeout("00:00:05")]
    Task LeaveAsync(GatewayId gateway, long epoch);

    /// <summary>The gateways whose lease has not lapsed.</summary>
    [Alias("list"), ResponseTimeout("00:00:05")]
    Task<GatewayList> ListAsync();

    /// <summary>The same, with what each said when it last renewed.</summary>
    [Alias("status")]
    Task<GatewayStatusList> StatusAsync();

    /// <summary>A gateway that has not renewed for so long is gone.</summary>
    static TimeSpan LeaseTime => TimeSpan.FromSeconds(10);

    /// <summary>Short against the lease, and against the time in which a gateway is to notice that a silo was lost.</summary>
    static TimeSpan RenewInterval => TimeSpan.FromSeconds(2);
}
