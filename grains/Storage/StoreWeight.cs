using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Sessions;
using IotPlatform.Topics;

namespace IotPlatform.Storage;

/// <summary>Roughly how much memory a write holds while it waits, in bytes: enough to bound a queue by.</summary>
internal static class StoreWeight
{
    /// <summary>A write by itself: its objects, and short texts.</summary>
    public const long OfSmall = 512;

    private const int BytesPerCharacter = 2;

    public static long Of(DeviceMessage message) =>
        OfSmall + message.Payload.Length + ((message.Name.Length + message.Topic.Length) * BytesPerCharacter);

    public static long Of(RetainedMessage message) =>
        OfSmall + message.Payload.Length + message.Properties.Length + (message.Topic.Length * BytesPerCharacter);

    public static long Of(StoredCopy copy) => OfSmall + copy.Message.Bytes + copy.Identifiers.Length;

    public static long Of(SessionRecord session)
    {
        var weight = OfSmall + (32L * session.Received.Length) + (2L * (session.Will?.Will.Payload.Length ?? 0));
        foreach (var subscription in session.Subscriptions)
        {
            weight += 64 + (subscription.Filter.Length * BytesPerCharacter);
        }

        return weight;
    }

    public static long Of(BroadcastReceipt receipt) => OfSmall + ((receipt.Topic?.Length ?? 0) * BytesPerCharacter);

    public static long Of(ImmutableArray<DeviceRegistration> devices)
    {
        var weight = OfSmall;
        foreach (var device in devices)
        {
            weight += Of(device);
        }

        return weight;
    }

    public static long Of(DeviceRegistration device)
    {
        var weight = OfSmall;
        foreach (var tag in device.Tags)
        {
            weight += (tag.Key.Length + tag.Value.Length) * BytesPerCharacter;
        }

        return weight;
    }

    public static long Of(LastingBroadcast broadcast) => Of(broadcast.Receipt) + broadcast.Message.Payload.Length + broadcast.Message.Properties.Length;

    public static long Of(ImmutableArray<ulong> hashes) => OfSmall + (16L * hashes.Length);

    public static long Of(ImmutableArray<DeviceNote> notes) => OfSmall + (64L * notes.Length);
}
