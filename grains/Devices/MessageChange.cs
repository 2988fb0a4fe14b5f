namespace IotPlatform.Devices;

/// <summary>A message has come further.</summary>
/// <param name="Device">Whose it is.</param>
/// <param name="MessageId">The message.</param>
/// <param name="Sequence">Its place among the device's messages.</param>
/// <param name="Name">Its name, for those who are told.</param>
/// <param name="From">The status that was stored last, or is on its way there.</param>
/// <param name="Progress">How far it has come.</param>
public sealed record MessageChange(DeviceId Device, string MessageId, long Sequence, string Name, MessageStatus From, MessageProgress Progress)
{
    /// <summary>This and a change of the same message that was not stored, as one: from where the first of them began, and no further than its end.</summary>
    public MessageChange Over(MessageChange unstored) =>
        (unstored.Progress.IsFinal ? unstored : this) with { From = From < unstored.From ? From : unstored.From };
}
