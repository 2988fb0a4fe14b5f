namespace IotPlatform.Mqtt;

/// <summary>The return code of an MQTT 3.1.1 CONNACK (section 3.2.2.3).</summary>
public enum ConnectReturnCode : byte
{
    /// <summary>The connection is accepted.</summary>
    Accepted = 0,

    /// <summary>The server does not support this protocol level.</summary>
    UnacceptableProtocolVersion = 1,

    /// <summary>The client identifier is correct UTF-8 but not allowed.</summary>
    IdentifierRejected = 2,

    /// <summary>The connection has been made but the service is unavailable.</summary>
    ServerUnavailable = 3,

    /// <summary>The data in the user name or password is malformed.</summary>
    BadUserNameOrPassword = 4,

    /// <summary>The client is not authorized to connect.</summary>
    NotAuthorized = 5,
}
