namespace IotPlatform.Routing;

/// <summary>How a publisher learns that its message was not taken.</summary>
internal enum PublishAnswer
{
    /// <summary>Not at all: QoS 0, and wills.</summary>
    None,

    /// <summary>MQTT 3.1.1 at QoS 1 and 2: only by a connection that is closed before the acknowledgement; then it sends the message again.</summary>
    Closing,

    /// <summary>MQTT 5.0 at QoS 1 and 2: by a reason code.</summary>
    ReasonCode,
}
