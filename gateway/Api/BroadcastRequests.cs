using IotPlatform.Broadcasts;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <summary>Checks a broadcast that is asked for; a wrong field is refused by its name.</summary>
internal static class BroadcastRequests
{
    /// <summary>Source: Alibaba Cloud IoT, PubBroadcast.</summary>
    private const int PayloadBytesMax = 64 * 1024;

    private const int RateMax = 1_000_000;

    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(7);

    public static PublishBroadcast ToPublish(PubBroadcastRequest request) => new(
        Topic(request),
        Requests.QoS(request.Qos),
        Requests.Payload(request.MessageContent, PayloadBytesMax, "messageContent"),
        Filter(request.Filter),
        MessageProperties.Encode(request.ContentType, request.UserProperties),
        request.HasMessageExpiry ? Time(request.MessageExpiry, shortest: 1, "messageExpiry") : null,
        Time(request.Ttl, shortest: 0, "ttl"),
        request.MaxRate is >= 0 and <= RateMax ? request.MaxRate : throw Refusals.Invalid($"maxRate must be 0 to {RateMax}."));

    private static string? Topic(PubBroadcastRequest request)
    {
        if (request.TopicFullName.Length == 0)
        {
            return null;
        }

        var prefix = $"/broadcast/{request.ProductKey}/";
        return request.TopicFullName.Length > prefix.Length && request.TopicFullName.StartsWith(prefix, StringComparison.Ordinal)
            ? Requests.Topic(request.TopicFullName, "topicFullName")
            : throw Refusals.Invalid($"topicFullName must begin with {prefix}.");
    }

    private static Broadcasts.BroadcastFilter? Filter(Protos.V1.BroadcastFilter? filter)
    {
        if (filter is null || (filter.DeviceNamePrefix.Length == 0 && filter.Tags.Count == 0))
        {
            return null;
        }

        return filter.DeviceNamePrefix.Length == 0 || Names.IsDeviceName(filter.DeviceNamePrefix)
            ? new Broadcasts.BroadcastFilter(filter.DeviceNamePrefix, Requests.Tags(filter.Tags))
            : throw Refusals.Invalid("filter: deviceNamePrefix must be at most 128 letters, digits and _ - . @ :");
    }

    private static TimeSpan Time(long seconds, int shortest, string field) =>
        seconds >= shortest && seconds <= LongestTime.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Refusals.Invalid($"{field} must be {shortest} to {LongestTime.TotalSeconds} seconds.");
}
