using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>A registered device.</summary>
/// <param name="Id">The device.</param>
/// <param name="Secret">Kept as it is: the signature logins of the vendors' dialects compute with it.</param>
/// <param name="IsEnabled">Whether it may log in.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record DeviceRegistration(DeviceId Id, string Secret, bool IsEnabled, DateTimeOffset CreatedAt)
{
    /// <summary>What is said of it, in the order of the keys; never default.</summary>
    public ImmutableArray<DeviceTag> Tags { get; init; } = [];

    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => $"{Id} {(IsEnabled ? "enabled" : "disabled")}";

    /// <summary>Without the secret.</summary>
    public DeviceView ToView(DeviceConnection? connection = null) => new(Id, IsEnabled, null, CreatedAt, connection, Tags);
}
