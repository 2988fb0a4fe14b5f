using System.Text;
using IotPlatform.Broadcasts;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <summary>Checks a broadcast that is asked for; a wrong field is refused by its name.</summary>
internal static class BroadcastRequests
{
    /// <summary>Source: Alibaba Cloud IoT, PubBroadcast.</summary>
    private const int PayloadBytesMax = 64 * 1024;

    private const int ContentTypeBytesMax = 128;
    private const int UserPropertiesMax = 32;
    private const int UserPropertyBytesMax = 4_096;
    private const int RateMax = 1_000_000;

    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(7);

    public static PublishBroadcast ToPublish(PubBroadcastRequest request) => new(
        Topic(request),
        Requests.QoS(request.Qos),
        Requests.Payload(request.MessageContent, PayloadBytesMax, "messageContent"),
        Filter(request.Filter),
        Properties(request),
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

    private static ReadOnlyMemory<byte> Properties(PubBroadcastRequest request)
    {
        if (!Names.IsText(request.ContentType) || Encoding.UTF8.GetByteCount(request.ContentType) > ContentTypeBytesMax)
        {
            throw Refusals.Invalid($"contentType must be at most {ContentTypeBytesMax} bytes of text, without U+0000.");
        }

        if (request.UserProperties.Count > UserPropertiesMax || request.UserProperties.Any(static property => !Names.IsText(property.Name) || !Names.IsText(property.Value)))
        {
            throw Refusals.Invalid($"userProperties must be at most {UserPropertiesMax}, of text without U+0000.");
        }

        if (request.UserProperties.Sum(static property => (long)Encoding.UTF8.GetByteCount(property.Name) + Encoding.UTF8.GetByteCount(property.Value)) > UserPropertyBytesMax)
        {
            throw Refusals.Invalid($"userProperties must be at most {UserPropertyBytesMax} bytes in all.");
        }

        if (request.ContentType.Length == 0 && request.UserProperties.Count == 0)
        {
            return default;
        }

        var properties = request.UserProperties.Select(static property => new Mqtt.Codec.UserProperty(property.Name, property.Value)).ToArray();
        var buffer = new byte[ContentTypeBytesMax + UserPropertyBytesMax + (UserPropertiesMax * 5) + 3];
        var writer = new PacketWriter(buffer);
        writer.WriteProperty(PropertyId.ContentType, request.ContentType.Length == 0 ? null : request.ContentType);
        writer.WriteUserProperties(properties);
        return writer.Written.ToArray();
    }

    private static TimeSpan Time(long seconds, int shortest, string field) =>
        seconds >= shortest && seconds <= LongestTime.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Refusals.Invalid($"{field} must be {shortest} to {LongestTime.TotalSeconds} seconds.");
}
