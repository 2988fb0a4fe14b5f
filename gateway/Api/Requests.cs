using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Devices;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing;
using IotPlatform.Transport.Limits;

namespace IotPlatform.Api;

/// <summary>Checks the fields that many requests share; a wrong one is refused by its name.</summary>
internal static class Requests
{
    private const int PageSizeDefault = 100;
    private const int PageSizeMax = 1_000;
    private const int TagsMax = 16;

    /// <summary>Bytes of a topic. Source: the MQTT string's own bound.</summary>
    private const int TopicBytesMax = ushort.MaxValue;

    public static string ProductKey(string value) =>
        Names.IsProductKey(value) ? value : throw Refusals.Invalid("productKey must be 1 to 64 letters, digits, _ and -, and neither sys nor broadcast.");

    public static string DeviceName(string value) =>
        Names.IsDeviceName(value) ? value : throw Refusals.Invalid("deviceName must be 1 to 128 letters, digits and _ - . @ :");

    public static DeviceId Device(string productKey, string deviceName) => new(ProductKey(productKey), DeviceName(deviceName));

    /// <summary>A caller's own id of a message.</summary>
    /// <returns>Null when it is empty.</returns>
    public static string? MessageId(string value) =>
        value.Length == 0 ? null
        : Names.IsMessageId(value) ? value
        : throw Refusals.Invalid("messageId must be 1 to 128 letters, digits, _ and -.");

    public static string DisplayName(string value) =>
        Names.IsDisplayName(value) ? value : throw Refusals.Invalid($"name must be at most {Names.DisplayNameLengthMax} characters of text, without U+0000.");

    /// <summary>Why somebody does something, for those who look at it later.</summary>
    public static string ReasonText(string value) =>
        Names.IsDisplayName(value) ? value : throw Refusals.Invalid($"reason must be at most {Names.DisplayNameLengthMax} characters of text, without U+0000.");

    /// <summary>An MQTT client id.</summary>
    public static string ClientId(string value) =>
        Names.IsText(value) && value.Length <= ClientIdLengthMax ? value : throw Refusals.Invalid($"clientId must be at most {ClientIdLengthMax} characters of text, without U+0000.");

    /// <summary>An address, or a network; whichever way it was written, the same text.</summary>
    public static string Network(string value) =>
        AddressRange.TryParse(value, out var range) ? range.ToString() : throw Refusals.Invalid("address must be an address, or a network as 10.1.0.0/16.");

    /// <summary>A topic filter, which may be one with wildcards.</summary>
    public static string TopicFilter(string value, string field)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        return Names.IsText(value) && Mqtt.Topics.TopicFilter.IsValid(utf8, SubscriptionLevelsMax)
            ? value
            : throw Refusals.Invalid($"{field} must be a topic filter of at most {TopicBytesMax} bytes and {SubscriptionLevelsMax} levels.");
    }

    /// <summary>A time from a second on.</summary>
    /// <param name="value">The field; null where it is unset.</param>
    /// <param name="longest">The longest that it may be.</param>
    /// <param name="whenUnset">What it is then; null: it must be set.</param>
    public static TimeSpan Duration(Duration? value, TimeSpan longest, TimeSpan? whenUnset)
    {
        if (value is null && whenUnset is { } unset)
        {
            return unset;
        }

        // Beyond what a TimeSpan holds, the conversion throws.
        return value is not null && value.Seconds >= 1 && value.Seconds <= longest.TotalSeconds && value.Nanos is >= 0 and < 1_000_000_000
            ? value.ToTimeSpan()
            : throw Refusals.Invalid($"duration must be 1 to {(long)longest.TotalSeconds} seconds.");
    }

    public static int QoS(int value) => value is 0 or 1 ? value : throw Refusals.Invalid("qos must be 0 or 1.");

    /// <summary>A topic name, without wildcards.</summary>
    public static string Topic(string value, string field)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        return Names.IsText(value) && utf8.Length <= TopicBytesMax && TopicName.IsValid(utf8, SubscriptionLevelsMax)
            ? value
            : throw Refusals.Invalid($"{field} must be a topic name: no wildcards, at most {TopicBytesMax} bytes and {SubscriptionLevelsMax} levels.");
    }

    public static Products.TopicPermission TopicPermission(Protos.V1.TopicPermission value) =>
        !TopicPolicy.MayBePermitted(value.Filter)
            ? throw Refusals.Invalid($"topicPermissions: {value.Filter} must be a topic filter that matches nothing that begins with $, /sys/ or /broadcast/.")
        : value.Access is < Protos.V1.TopicPermission.Types.Access.Publish or > Protos.V1.TopicPermission.Types.Access.PublishAndSubscribe
            ? throw Refusals.Invalid("topicPermissions: access must be PUBLISH, SUBSCRIBE or PUBLISH_AND_SUBSCRIBE.")
        : new Products.TopicPermission(value.Filter, (Products.TopicAccess)(int)value.Access);

    /// <summary>A device's tags, in the order of their keys.</summary>
    public static ImmutableArray<DeviceTag> Tags(IReadOnlyDictionary<string, string> tags) =>
        tags.Count <= TagsMax
            ? [.. tags.Select(Tag).OrderBy(static tag => tag.Key, StringComparer.Ordinal)]
            : throw Refusals.Invalid($"tags must be at most {TagsMax}.");

    private static DeviceTag Tag(KeyValuePair<string, string> tag) =>
        !Names.IsTagKey(tag.Key) ? throw Refusals.Invalid($"tags: a key must be 1 to {Names.TagKeyLengthMax} letters, digits and _ . -")
        : !Names.IsTagValue(tag.Value) ? throw Refusals.Invalid($"tags: {tag.Key} must be at most {Names.TagValueLengthMax} characters of text, without U+0000.")
        : new DeviceTag(tag.Key, tag.Value);

    public static ReadOnlyMemory<byte> Payload(Google.Protobuf.ByteString value, int bytesMax, string field) =>
        value.Length <= bytesMax ? value.Memory : throw Refusals.Invalid($"{field} must be at most {bytesMax} bytes.");

    public static int PageSize(int value) =>
        value is >= 0 and <= PageSizeMax ? (value == 0 ? PageSizeDefault : value) : throw Refusals.Invalid($"pageSize must be 1 to {PageSizeMax}.");

    /// <summary>A page token that is a number.</summary>
    public static long? NumberToken(string value) =>
        value.Length == 0 ? null
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Refusals.Invalid("pageToken is none that was given out.");

    /// <summary>A page token that is a name.</summary>
    public static string? NameToken(string value, Predicate<string> isName) =>
        value.Length == 0 ? null : isName(value) ? value : throw Refusals.Invalid("pageToken is none that was given out.");

    /// <summary>A page token that is a device.</summary>
    public static DeviceId? DeviceToken(string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        var separator = value.IndexOf('/');
        return separator > 0 && Names.IsProductKey(value[..separator]) && Names.IsDeviceName(value[(separator + 1)..])
            ? new DeviceId(value[..separator], value[(separator + 1)..])
            : throw Refusals.Invalid("pageToken is none that was given out.");
    }

    /// <summary>A page token that is a message's place.</summary>
    public static MessagePlace? PlaceToken(string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        var separator = value.IndexOf('/');
        return separator > 0
            && Names.IsDeviceName(value[..separator])
            && long.TryParse(value.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? new MessagePlace(value[..separator], sequence)
                : throw Refusals.Invalid("pageToken is none that was given out.");
    }

    public static string ToToken(MessagePlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.DeviceName}/{place.Sequence}");

    public static string ToToken(DeviceId device) => $"{device.ProductKey}/{device.DeviceName}";

    private const int SubscriptionLevelsMax = 128;

    // Source: the MQTT string's own bound.
    private const int ClientIdLengthMax = ushort.MaxValue;
}
