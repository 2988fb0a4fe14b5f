namespace IotPlatform.Mqtt;

/// <summary>The control packet type in bits 7 to 4 of the first byte (section 2.1.2). The value 0 is reserved.</summary>
public enum PacketType : byte
{
    /// <summary>A client asks for a connection.</summary>
    Connect = 1,

    /// <summary>The server answers a CONNECT.</summary>
    ConnAck = 2,

    /// <summary>An application message, in either direction.</summary>
    Publish = 3,

    /// <summary>Acknowledges a QoS 1 PUBLISH.</summary>
    PubAck = 4,

    /// <summary>First answer to a QoS 2 PUBLISH: received.</summary>
    PubRec = 5,

    /// <summary>Answers a PUBREC: the sender has released the message.</summary>
    PubRel = 6,

    /// <summary>Answers a PUBREL: the exchange is complete.</summary>
    PubComp = 7,

    /// <summary>A client asks for subscriptions.</summary>
    Subscribe = 8,

    /// <summary>The server answers a SUBSCRIBE.</summary>
    SubAck = 9,

    /// <summary>A client ends subscriptions.</summary>
    Unsubscribe = 10,

    /// <summary>The server answers an UNSUBSCRIBE.</summary>
    UnsubAck = 11,

    /// <summary>A client shows that it is alive.</summary>
    PingReq = 12,

    /// <summary>The server answers a PINGREQ.</summary>
    PingResp = 13,

    /// <summary>The last packet of a connection; in MQTT 3.1.1 only a client sends it.</summary>
    Disconnect = 14,

    /// <summary>A step of enhanced authentication; MQTT 5.0 only.</summary>
    Auth = 15,
}
