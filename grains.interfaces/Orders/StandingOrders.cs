using System.Collections.Immutable;

namespace IotPlatform.Orders;

/// <summary>What all gateways are to do until further notice.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Bans">Who may not log in.</param>
/// <param name="Traces">What is to be noted.</param>
[GenerateSerializer, Immutable, Alias("iot.standing-orders")]
public sealed record StandingOrders([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<Ban> Bans, [property: Id(2)] ImmutableArray<TraceOrder> Traces)
{
    /// <summary>None.</summary>
    public static StandingOrders None { get; } = new(0, [], []);
}
