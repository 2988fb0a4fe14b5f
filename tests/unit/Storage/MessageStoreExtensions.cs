using System.Globalization;
using IotPlatform.Devices;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Storage;

internal static class MessageStoreExtensions
{
    /// <summary>Stores how far a message without a name has come since it was accepted. Its sequence is the number in its id, unless it is given.</summary>
    public static Task UpdateAsync(this IMessageStore messages, DeviceId device, string messageId, MessageProgress progress, long? sequence = null)
    {
        _ = int.TryParse(messageId.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return messages.UpdateAsync(new MessageChange(device, messageId, sequence ?? number, "", MessageStatus.Pending, progress));
    }
}
