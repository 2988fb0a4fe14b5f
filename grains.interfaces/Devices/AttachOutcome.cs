
namespace IotPlatform.Devices;

/// <summary>What became of an attach.</summary>
[GenerateSerializer, Alias("iot.attach-outcome")]
public enum AttachOutcome
{
    /// <summary>The device is connected.</summary>
    Attached,

    /// <summary>No such device, or not its secret. One answer for both, so that names can not be probed.</summary>
    BadCredential,

    /// <summary>The device is disabled.</summary>
    Disabled,

    /// <summary>A newer connection of the device came first.</summary>
    Superseded,

    /// <summary>The gateway's lease has lapsed, and what it held is void: it may attach again once it has renewed.</summary>
    GatewayLapsed,
}
