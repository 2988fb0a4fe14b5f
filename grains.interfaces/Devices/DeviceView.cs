using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>A device's registration and connection.</summary>
/// <param name="Id">The device.</param>
/// <param name="IsEnabled">Whether it may log in.</param>
/// <param name="Secret">Only in the answers that make it.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Connection">Its connection, now or last; null when it has not been connected since its grain came to memory.</param>
/// <param name="Tags">Its tags, in the order of their keys; none of an anonymous client.</param>
[GenerateSerializer, Immutable, Alias("iot.device-view")]
public sealed record DeviceView(
    [property: Id(0)] DeviceId Id,
    [property: Id(1)] bool IsEnabled,
    [property: Id(2)] string? Secret,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] DeviceConnection? Connection,
    [property: Id(5)] ImmutableArray<DeviceTag> Tags = default);
