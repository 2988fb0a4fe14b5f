using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.StatusEvents;

/// <summary>Which status events somebody wants.</summary>
/// <param name="ProductKey">Of this product; null: of all.</param>
/// <param name="DeviceName">Of this device of the product; null: of all.</param>
/// <param name="Statuses">These statuses; empty: all.</param>
[GenerateSerializer, Immutable, Alias("iot.status-event-filter")]
public sealed record StatusEventFilter(
    [property: Id(0)] string? ProductKey, [property: Id(1)] string? DeviceName, [property: Id(2)] ImmutableArray<MessageStatus> Statuses)
{
    /// <summary>Every event.</summary>
    public static StatusEventFilter All { get; } = new(null, null, []);

    /// <summary>Whether the event is wanted.</summary>
    public bool Includes(StatusEvent status) =>
        (ProductKey is null || status.Device.ProductKey == ProductKey)
        && (DeviceName is null || status.Device.DeviceName == DeviceName)
        && (Statuses.IsEmpty || Statuses.Contains(status.Status));
}
