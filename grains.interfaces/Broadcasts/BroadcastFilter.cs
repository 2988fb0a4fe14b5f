using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Broadcasts;

/// <summary>Which devices of the product a broadcast is for: those that fit all of it.</summary>
/// <param name="DeviceNamePrefix">What their names begin with; empty: any.</param>
/// <param name="Tags">The tags that they carry, each with this value; empty: any.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-filter")]
public sealed record BroadcastFilter([property: Id(0)] string DeviceNamePrefix, [property: Id(1)] ImmutableArray<DeviceTag> Tags)
{
    /// <inheritdoc/>
    public bool Equals(BroadcastFilter? other) =>
        other is not null && DeviceNamePrefix == other.DeviceNamePrefix && Tags.AsSpan().SequenceEqual(other.Tags.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DeviceNamePrefix, Tags.Length);
}
