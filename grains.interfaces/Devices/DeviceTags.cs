using System.Collections.Immutable;

namespace IotPlatform.Devices;

/// <summary>
/// What a device's grain says of its tags to the gateway that holds the connection. It may say so several times at once, in answers and in calls, and they may arrive in any
/// order: what was said last counts.
/// </summary>
/// <param name="Tags">In the order of their keys.</param>
/// <param name="Generation">Of the attach that the grain knows the connection by: an activation that has been replaced has an earlier one.</param>
/// <param name="Number">Grows with everything that an activation says.</param>
[GenerateSerializer, Immutable, Alias("iot.device-tags")]
public sealed record DeviceTags([property: Id(0)] ImmutableArray<DeviceTag> Tags, [property: Id(1)] long Generation, [property: Id(2)] long Number)
{
    /// <summary>Whether it was said after <paramref name="other"/>.</summary>
    public bool IsLaterThan(DeviceTags other) => Generation != other.Generation ? Generation > other.Generation : Number > other.Number;
}
