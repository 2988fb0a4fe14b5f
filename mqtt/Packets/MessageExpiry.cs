using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// Message Expiry Interval as a server writes it: what is left of it when the message goes out [MQTT-3.3.2-6]. It differs by the time of sending, so it
/// belongs to <see cref="PropertyParts.Expiry"/> and is always of the same size.
/// </summary>
public static class MessageExpiry
{
    /// <summary>Bytes of the property.</summary>
    public const int Bytes = 5;

    /// <summary>Writes the property: <c>02</c> and four bytes.</summary>
    /// <param name="destination">At least <see cref="Bytes"/> bytes.</param>
    /// <param name="left">The time that is left; a part of a second counts as one, and what has passed as 0.</param>
    /// <returns>What was written.</returns>
    public static ReadOnlySpan<byte> Write(Span<byte> destination, TimeSpan left)
    {
        var writer = new PacketWriter(destination);
        writer.WriteProperty(PropertyId.MessageExpiryInterval, (uint)Math.Clamp(Math.Ceiling(left.TotalSeconds), 0, uint.MaxValue));
        return writer.Written;
    }
}
