using IotPlatform.Devices;

namespace IotPlatform.Orders;

/// <summary>Somebody who may not log in for a time.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Device">The device; null where it is an address.</param>
/// <param name="Network">An address, or a network as <c>10.1.0.0/16</c>; null where it is a device.</param>
/// <param name="Reason">For those who look at it later.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="Until">Until when.</param>
[GenerateSerializer, Immutable, Alias("iot.ban")]
public sealed record Ban(
    [property: Id(0)] string Id,
    [property: Id(1)] DeviceId? Device,
    [property: Id(2)] string? Network,
    [property: Id(3)] string Reason,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] DateTimeOffset Until);
