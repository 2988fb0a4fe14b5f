using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Topics;

namespace IotPlatform.Delivery;

/// <summary>A retained message on its way to a client. Its payload is shared by all of them.</summary>
internal sealed class StoredMessage(RetainedMessage message, TimeProvider time) : RoutedMessage(
    Encoding.UTF8.GetBytes(message.Topic), message.Properties, message.Payload, (QoS)message.QoS, Delivery.Expiry.Of(message.ExpiresAt, time))
{
    /// <summary>What is retained.</summary>
    public RetainedMessage Message => message;
}
