using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>Which of all messages.</summary>
internal readonly record struct MessageKey(DeviceId Device, long Sequence)
{
    public static MessageKey Of(DeviceMessage message) => new(message.Device, message.Sequence);

    public static MessageKey Of(MessageChange change) => new(change.Device, change.Sequence);
}
