using System.Text;
using IotPlatform.Mqtt.Codec;
using UserProperty = IotPlatform.Protos.V1.UserProperty;

namespace IotPlatform.Api;

/// <summary>What MQTT 5.0 devices are told beside a payload: checked, and encoded as it travels.</summary>
internal static class MessageProperties
{
    private const int ContentTypeBytesMax = 128;
    private const int UserPropertiesMax = 32;
    private const int UserPropertyBytesMax = 4_096;

    public static ReadOnlyMemory<byte> Encode(string contentType, IReadOnlyCollection<UserProperty> userProperties)
    {
        if (!Names.IsText(contentType) || Encoding.UTF8.GetByteCount(contentType) > ContentTypeBytesMax)
        {
            throw Refusals.Invalid($"contentType must be at most {ContentTypeBytesMax} bytes of text, without U+0000.");
        }

        if (userProperties.Count > UserPropertiesMax || userProperties.Any(static property => !Names.IsText(property.Name) || !Names.IsText(property.Value)))
        {
            throw Refusals.Invalid($"userProperties must be at most {UserPropertiesMax}, of text without U+0000.");
        }

        if (userProperties.Sum(static property => (long)Encoding.UTF8.GetByteCount(property.Name) + Encoding.UTF8.GetByteCount(property.Value)) > UserPropertyBytesMax)
        {
            throw Refusals.Invalid($"userProperties must be at most {UserPropertyBytesMax} bytes in all.");
        }

        if (contentType.Length == 0 && userProperties.Count == 0)
        {
            return default;
        }

        var properties = userProperties.Select(static property => new Mqtt.Codec.UserProperty(property.Name, property.Value)).ToArray();
        var buffer = new byte[ContentTypeBytesMax + UserPropertyBytesMax + (UserPropertiesMax * 5) + 3];
        var writer = new PacketWriter(buffer);
        writer.WriteProperty(PropertyId.ContentType, contentType.Length == 0 ? null : contentType);
        writer.WriteUserProperties(properties);
        return writer.Written.ToArray();
    }
}
