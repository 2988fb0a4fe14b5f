namespace IotPlatform.Sessions;

/// <summary>A step in the life of a QoS 1 or 2 message.</summary>
[GenerateSerializer, Alias("iot.session-step-kind")]
public enum SessionStepKind
{
    /// <summary>The client is done with a message: PUBACK, PUBCOMP, or a PUBREC that refuses it.</summary>
    Acknowledged,

    /// <summary>The client has a QoS 2 message: PUBREC. Only when that is stored may it be released.</summary>
    Received,

    /// <summary>The client sends a QoS 2 message.</summary>
    Taken,

    /// <summary>That message has reached everybody.</summary>
    Routed,

    /// <summary>The client releases that message: PUBREL. Only when that is stored may its packet identifier be used again.</summary>
    Released,
}
