using IotPlatform.Devices;

namespace IotPlatform.Clients;

/// <summary>Asks for connected clients.</summary>
/// <param name="ProductKey">Of one product; null: of all.</param>
/// <param name="IsSlow">Only those that have bytes or messages waiting, or have had messages dropped because of that: the slowest first. Otherwise in the order of their names.</param>
/// <param name="After">In the order of their names: only those behind this one.</param>
/// <param name="Size">At most so many.</param>
[GenerateSerializer, Immutable, Alias("iot.client-query")]
public sealed record ClientQuery(
    [property: Id(0)] string? ProductKey, [property: Id(1)] bool IsSlow, [property: Id(2)] DeviceId? After, [property: Id(3)] int Size);
