using IotPlatform.Devices;

namespace IotPlatform.Orders;

/// <summary>Packets that gateways are to note for a time. Exactly one of what to look for is given.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ClientId">Packets of clients with this client id.</param>
/// <param name="Device">Packets of this device.</param>
/// <param name="Network">Packets of clients at this address, or in this network.</param>
/// <param name="TopicFilter">PUBLISH packets whose topic this filter matches, of all clients.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="Until">Until when. What was noted can be read as long as the order is there.</param>
[GenerateSerializer, Immutable, Alias("iot.trace-order")]
public sealed record TraceOrder(
    [property: Id(0)] string Id,
    [property: Id(1)] string? ClientId,
    [property: Id(2)] DeviceId? Device,
    [property: Id(3)] string? Network,
    [property: Id(4)] string? TopicFilter,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] DateTimeOffset Until);
