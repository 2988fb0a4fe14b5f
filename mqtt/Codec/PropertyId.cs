namespace IotPlatform.Mqtt.Codec;

/// <summary>The identifier of an MQTT 5.0 property (section 2.2.2.2).</summary>
public enum PropertyId : byte
{
    /// <summary>Whether the payload is UTF-8 text. PUBLISH, will.</summary>
    PayloadFormatIndicator = 0x01,

    /// <summary>Seconds for which the message may be delivered. PUBLISH, will.</summary>
    MessageExpiryInterval = 0x02,

    /// <summary>The content type of the payload. PUBLISH, will.</summary>
    ContentType = 0x03,

    /// <summary>Where a response is wanted. PUBLISH, will.</summary>
    ResponseTopic = 0x08,

    /// <summary>What a response must repeat. PUBLISH, will.</summary>
    CorrelationData = 0x09,

    /// <summary>The number a client gave to a subscription. PUBLISH (from a server), SUBSCRIBE.</summary>
    SubscriptionIdentifier = 0x0B,

    /// <summary>Seconds that the session outlives its connection. CONNECT, CONNACK, DISCONNECT (from a client).</summary>
    SessionExpiryInterval = 0x11,

    /// <summary>The client identifier that the server chose. CONNACK.</summary>
    AssignedClientIdentifier = 0x12,

    /// <summary>Seconds of the keep-alive to use. CONNACK.</summary>
    ServerKeepAlive = 0x13,

    /// <summary>The name of the authentication method. CONNECT, CONNACK, AUTH.</summary>
    AuthenticationMethod = 0x15,

    /// <summary>Data of the authentication method. CONNECT, CONNACK, AUTH.</summary>
    AuthenticationData = 0x16,

    /// <summary>Whether reason strings and user properties are wanted on every packet. CONNECT.</summary>
    RequestProblemInformation = 0x17,

    /// <summary>Seconds between the end of a connection and its will. Will.</summary>
    WillDelayInterval = 0x18,

    /// <summary>Whether response information is wanted. CONNECT.</summary>
    RequestResponseInformation = 0x19,

    /// <summary>The base of response topics. CONNACK.</summary>
    ResponseInformation = 0x1A,

    /// <summary>Another server to use. CONNACK, DISCONNECT (from a server).</summary>
    ServerReference = 0x1C,

    /// <summary>Diagnostic text for people. Every answer.</summary>
    ReasonString = 0x1F,

    /// <summary>How many unacknowledged QoS 1 and 2 messages are accepted. CONNECT, CONNACK.</summary>
    ReceiveMaximum = 0x21,

    /// <summary>The highest topic alias accepted. CONNECT, CONNACK.</summary>
    TopicAliasMaximum = 0x22,

    /// <summary>A number that stands for the topic name. PUBLISH.</summary>
    TopicAlias = 0x23,

    /// <summary>The highest QoS the server supports. CONNACK.</summary>
    MaximumQoS = 0x24,

    /// <summary>Whether the server supports retained messages. CONNACK.</summary>
    RetainAvailable = 0x25,

    /// <summary>A name and a value; any number of them. Every packet that has properties.</summary>
    UserProperty = 0x26,

    /// <summary>Bytes of the longest packet accepted. CONNECT, CONNACK.</summary>
    MaximumPacketSize = 0x27,

    /// <summary>Whether the server supports wildcards in topic filters. CONNACK.</summary>
    WildcardSubscriptionAvailable = 0x28,

    /// <summary>Whether the server supports subscription identifiers. CONNACK.</summary>
    SubscriptionIdentifiersAvailable = 0x29,

    /// <summary>Whether the server supports shared subscriptions. CONNACK.</summary>
    SharedSubscriptionAvailable = 0x2A,
}
