using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Routing;

namespace IotPlatform.Delivery;

/// <summary>A request to a device on its way to it. MQTT 5.0 devices are told where to answer, and by what (section 4.10).</summary>
internal sealed class InvocationMessage(DeviceId device, string requestId, InvokeDevice request) : RoutedMessage(
    Encoding.UTF8.GetBytes(Branches.InvocationRequest(device, requestId)), PropertiesOf(device, requestId, request), request.Payload, (QoS)request.QoS, expiry: null)
{
    // No alias: there is no other message on its topic.
    public override ReadOnlySpan<byte> SharedTopic => default;

    private static byte[] PropertiesOf(DeviceId device, string requestId, InvokeDevice request)
    {
        var measure = PacketWriter.Measuring();
        Write(ref measure, device, requestId, request);
        var properties = new byte[measure.Position];
        var writer = new PacketWriter(properties);
        Write(ref writer, device, requestId, request);
        return properties;
    }

    private static void Write(ref PacketWriter writer, DeviceId device, string requestId, InvokeDevice request)
    {
        writer.WriteProperty(PropertyId.ResponseTopic, Branches.InvocationResponse(device, requestId));
        writer.WriteProperty(PropertyId.CorrelationData, Encoding.UTF8.GetBytes(requestId).AsSpan());
        writer.WriteBytes(request.Properties.Span);
    }
}
