using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>What a query for messages of one status adds to its condition, in both dialects: the words of the indexes, so that those are used.</summary>
internal static class MessageStatusFilter
{
    public static string Of(MessageStatus? status) => status switch
    {
        null => "",
        MessageStatus.Pending or MessageStatus.Sent => $"AND finished_at IS NULL AND status = {(int)status}",
        MessageStatus.TimedOut or MessageStatus.Failed => $"AND reason IS NOT NULL AND status = {(int)status}",
        _ => $"AND status = {(int)status}",
    };
}
