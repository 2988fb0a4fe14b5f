using System.Globalization;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>The id that its caller gave to a message. One that has none is called by its sequence.</summary>
internal static class OwnId
{
    public static bool IsGivenTo(DeviceMessage message) => SequenceNamed(message.MessageId) != message.Sequence;

    /// <summary>The sequence of the message that an id names, unless a caller gave that id; 0 where it can name none.</summary>
    public static long SequenceNamed(string messageId) =>
        long.TryParse(messageId, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && messageId[0] != '0' ? sequence : 0;
}
