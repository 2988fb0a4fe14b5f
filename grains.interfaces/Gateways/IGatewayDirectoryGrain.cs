using System.Collections.Immutable;
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

/// <summary>A gateway, alive.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Epoch">New at each start of its process.</param>
/// <param name="Shards">Its observers.</param>
[GenerateSerializer, Immutable, Alias("iot.gateway-lease")]
public sealed record GatewayLease(
    [property: Id(0)] GatewayId Gateway, [property: Id(1)] long Epoch, [property: Id(2)] ImmutableArray<IGatewayObserver> Shards);

/// <summary>The live gateways. The version grows with every change of who is in it.</summary>
[GenerateSerializer, Immutable, Alias("iot.gateway-list")]
public sealed record GatewayList([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<GatewayLease> Gateways);
