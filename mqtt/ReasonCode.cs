namespace IotPlatform.Mqtt;

/// <summary>
/// The outcome of an operation (MQTT 5.0, section 2.4). Codes below 0x80 are successes. MQTT 3.1.1 has no reason codes: there a failing code
/// says why the connection is closed, and <see cref="ReasonCodes.ToConnectReturnCode"/> maps it for CONNACK.
/// </summary>
public enum ReasonCode : byte
{
    /// <summary>Success; in DISCONNECT a normal disconnection, in SUBACK granted QoS 0.</summary>
    Success = 0x00,

    /// <summary>SUBACK: granted, at most QoS 1.</summary>
    GrantedQoS1 = 0x01,

    /// <summary>SUBACK: granted, at most QoS 2.</summary>
    GrantedQoS2 = 0x02,

    /// <summary>DISCONNECT: the client leaves, and the server shall publish its will all the same.</summary>
    DisconnectWithWill = 0x04,

    /// <summary>PUBACK, PUBREC: accepted, but nobody subscribes to the topic.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>UNSUBACK: there was no such subscription.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>AUTH: go on with another step.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>AUTH: the client starts a re-authentication.</summary>
    ReAuthenticate = 0x19,

    /// <summary>A failure whose reason the sender does not reveal, or that has no code of its own.</summary>
    UnspecifiedError = 0x80,

    /// <summary>The packet could not be parsed according to the standard.</summary>
    MalformedPacket = 0x81,

    /// <summary>The packet could be parsed, but the standard does not allow it here.</summary>
    ProtocolError = 0x82,

    /// <summary>Valid, but not accepted by this implementation.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>CONNACK: the protocol name or version is not supported.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>CONNACK: the client identifier is not allowed.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>CONNACK: user name or password are not accepted.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>The operation is not permitted to this client.</summary>
    NotAuthorized = 0x87,

    /// <summary>CONNACK: the server is not available.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server is busy; try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>CONNACK: this client has been banned.</summary>
    Banned = 0x8A,

    /// <summary>DISCONNECT: the server is shutting down.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or not the one in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>DISCONNECT: nothing was received for one and a half keep-alives.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>DISCONNECT: another connection uses the same client identifier.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is in use already.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>PUBREL, PUBCOMP: the packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>DISCONNECT: more unacknowledged messages than Receive Maximum allows.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>DISCONNECT: the topic alias is 0, or above the maximum.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>The packet is longer than the receiver accepts.</summary>
    PacketTooLarge = 0x95,

    /// <summary>DISCONNECT: data arrives at too high a rate.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit set by the implementation or an administrator has been exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>DISCONNECT: closed by an administrator.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload is not of the format it claims to have.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server does not support retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The QoS is above the server's Maximum QoS.</summary>
    QoSNotSupported = 0x9B,

    /// <summary>The client should use another server for the time being.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>The client should use another server for good.</summary>
    ServerMoved = 0x9D,

    /// <summary>The server does not support shared subscriptions.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Connections arrive at too high a rate.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>DISCONNECT: the connection has lasted as long as it may.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>The server does not support subscription identifiers.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>The server does not support wildcards in topic filters.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
