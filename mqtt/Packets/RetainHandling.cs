namespace IotPlatform.Mqtt.Packets;

/// <summary>Whether retained messages are sent when a subscription is made (section 3.8.3.1).</summary>
public enum RetainHandling : byte
{
    /// <summary>Send them, also when the subscription existed already; what MQTT 3.1.1 always does.</summary>
    Send = 0,

    /// <summary>Send them only when the subscription is new.</summary>
    SendIfNew = 1,

    /// <summary>Do not send them.</summary>
    DoNotSend = 2,
}
