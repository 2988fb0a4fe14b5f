namespace IotPlatform.Gateways;

/// <summary>
/// Another way to the <see cref="IGatewayDirectoryGrain"/>. A client of the cluster sends all calls for one grain through the same silo; where that is stopped and
/// not declared dead yet, a grain of another key is reached through another silo. Runs in whichever silo is asked. Key: any number.
/// </summary>
[Alias("iot.lease-relay")]
public interface ILeaseRelayGrain : IGrainWithStringKey
{
    /// <inheritdoc cref="IGatewayDirectoryGrain.RenewAsync"/>
    [Alias("renew"), ResponseTimeout("00:00:02")]
    Task<LeaseReply> RenewAsync(LeaseRenewal renewal);
}
