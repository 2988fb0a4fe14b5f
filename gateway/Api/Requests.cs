using System.Globalization;
using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Routing;

namespace IotPlatform.Api;

/// <summary>Checks the fields that many requests share; a wrong one is refused by its name.</summary>
internal static class Requests
{
    private const int PageSizeDefault = 100;
    private const int PageSizeMax = 1_000;

    /// <summary>Bytes of a topic. Source: the MQTT string's own bound.</summary>
    private const int TopicBytesMax = ushort.MaxValue;

    public static string ProductKey(string value) =>
        Names.IsProductKey(value) ? value : throw Refusals.Invalid("productKey must be 1 to 64 letters, digits, _ and -, and neither sys nor broadcast.");

    public static string DeviceName(string value) =>
        Names.IsDeviceName(value) ? value : throw Refusals.Invalid("deviceName must be 1 to 128 letters, digits and _ - . @ :");

    public static DeviceId Device(string productKey, string deviceName) => new(ProductKey(productKey), DeviceName(deviceName));

    public static string DisplayName(string value) =>
        Names.IsDisplayName(value) ? value : throw Refusals.Invalid($"name must be at most {Names.DisplayNameLengthMax} characters of text, without U+0000.");

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

    private const int SubscriptionLevelsMax = 128;
}
