using System.Buffers.Binary;
using System.Collections.Immutable;
using IotPlatform.Storage;

namespace IotPlatform.Devices;

/// <summary>
/// What a device's grain remembers of its registration, without what its key says already. A secret in the form that <see cref="DeviceSecret.Create"/> gives it
/// takes the 16 bytes that it stands for, and not 88: there may be a million of them.
/// </summary>
internal sealed class KnownDevice
{
    private const int PackedLength = 32;

    private readonly ulong _secretHigh;
    private readonly ulong _secretLow;
    private readonly string? _otherSecret;
    private readonly long _createdAt;

    private KnownDevice(DeviceRegistration registration)
    {
        IsEnabled = registration.IsEnabled;
        Tags = registration.Tags;
        _createdAt = registration.CreatedAt.UtcTicks;
        Span<byte> bytes = stackalloc byte[PackedLength / 2];
        if (registration.Secret.Length == PackedLength
            && !registration.Secret.AsSpan().ContainsAnyInRange('A', 'F')
            && Convert.FromHexString(registration.Secret, bytes, out _, out _) == System.Buffers.OperationStatus.Done)
        {
            _secretHigh = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            _secretLow = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        }
        else
        {
            _otherSecret = registration.Secret;
        }
    }

    /// <summary>Whether it may log in.</summary>
    public bool IsEnabled { get; }

    /// <summary>What is said of it; see <see cref="TagSets"/>.</summary>
    public ImmutableArray<DeviceTag> Tags { get; }

    /// <summary>The secret as it was registered.</summary>
    public string Secret => _otherSecret ?? Unpacked();

    public static KnownDevice? Of(DeviceRegistration? registration) => registration is null ? null : new KnownDevice(registration);

    public DeviceRegistration ToRegistration(DeviceId id) => new(id, Secret, IsEnabled, new DateTimeOffset(_createdAt, TimeSpan.Zero)) { Tags = Tags };

    private string Unpacked()
    {
        Span<byte> bytes = stackalloc byte[PackedLength / 2];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _secretHigh);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _secretLow);
        return Convert.ToHexStringLower(bytes);
    }
}
