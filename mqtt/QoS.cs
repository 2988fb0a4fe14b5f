namespace IotPlatform.Mqtt;

/// <summary>The delivery promise of one application message (section 4.3).</summary>
public enum QoS : byte
{
    /// <summary>At most once: sent, never acknowledged.</summary>
    AtMostOnce = 0,

    /// <summary>At least once: sent again until a PUBACK arrives.</summary>
    AtLeastOnce = 1,

    /// <summary>Exactly once: handed over by PUBREC, PUBREL and PUBCOMP.</summary>
    ExactlyOnce = 2,
}
