using System.Text;
using IotPlatform.Mqtt;

namespace IotPlatform.Testkit;

/// <summary>An application message as a <see cref="RawClient"/> received it.</summary>
/// <param name="Topic">The topic name.</param>
/// <param name="Payload">The application message.</param>
/// <param name="QoS">The QoS it was sent with.</param>
/// <param name="IsDuplicate">The DUP flag.</param>
/// <param name="IsRetained">The RETAIN flag.</param>
/// <param name="PacketId">The packet identifier; 0 with QoS 0.</param>
/// <param name="Properties">The encoded properties, without their length in front.</param>
public sealed record ReceivedPublish(string Topic, byte[] Payload, QoS QoS, bool IsDuplicate, bool IsRetained, ushort PacketId, byte[] Properties)
{
    /// <summary>The payload as text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload);
}
