namespace IotPlatform.Mqtt.Codec;

/// <summary>Which packets a property may occur in: bit n stands for packet type n, and bit 0 for the will properties inside CONNECT.</summary>
[Flags]
public enum PropertyScope : ushort
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>The will properties of a CONNECT.</summary>
    Will = 1 << 0,

    /// <summary>CONNECT.</summary>
    Connect = 1 << PacketType.Connect,

    /// <summary>CONNACK.</summary>
    ConnAck = 1 << PacketType.ConnAck,

    /// <summary>PUBLISH.</summary>
    Publish = 1 << PacketType.Publish,

    /// <summary>PUBACK.</summary>
    PubAck = 1 << PacketType.PubAck,

    /// <summary>PUBREC.</summary>
    PubRec = 1 << PacketType.PubRec,

    /// <summary>PUBREL.</summary>
    PubRel = 1 << PacketType.PubRel,

    /// <summary>PUBCOMP.</summary>
    PubComp = 1 << PacketType.PubComp,

    /// <summary>SUBSCRIBE.</summary>
    Subscribe = 1 << PacketType.Subscribe,

    /// <summary>SUBACK.</summary>
    SubAck = 1 << PacketType.SubAck,

    /// <summary>UNSUBSCRIBE.</summary>
    Unsubscribe = 1 << PacketType.Unsubscribe,

    /// <summary>UNSUBACK.</summary>
    UnsubAck = 1 << PacketType.UnsubAck,

    /// <summary>DISCONNECT.</summary>
    Disconnect = 1 << PacketType.Disconnect,

    /// <summary>AUTH.</summary>
    Auth = 1 << PacketType.Auth,
}
