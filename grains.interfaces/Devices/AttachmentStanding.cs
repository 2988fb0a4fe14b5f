namespace IotPlatform.Devices;

/// <summary>How a device's grain sees the connection that a gateway called it for.</summary>
[GenerateSerializer, Alias("iot.attachment-standing")]
public enum AttachmentStanding
{
    /// <summary>It is the device's connection.</summary>
    Current,

    /// <summary>The grain does not know it, because it lost its memory with a silo: the gateway is to attach it again.</summary>
    Unknown,

    /// <summary>The device has another connection, or this one has ended: the gateway is to close it.</summary>
    Superseded,

    /// <summary>The grain could not be reached: the call is to be repeated.</summary>
    Unreachable,
}
