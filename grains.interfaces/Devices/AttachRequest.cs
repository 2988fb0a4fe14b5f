using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>A device wants to be connected.</summary>
/// <param name="Attachment">The connection.</param>
/// <param name="Observer">Where the device's gateway takes deliveries for it.</param>
/// <param name="Credential">What the device showed to prove who it is.</param>
/// <param name="Protocol">The MQTT version it speaks.</param>
/// <param name="ClientAddress">Its address and port as its gateway sees them.</param>
/// <param name="ReceiveMaximum">Unacknowledged QoS 1 messages it takes at once (MQTT 5.0 section 3.1.2.11.3).</param>
[GenerateSerializer, Immutable, Alias("iot.attach-request")]
public sealed record AttachRequest(
    [property: Id(0)] Attachment Attachment,
    [property: Id(1)] IGatewayObserver Observer,
    [property: Id(2)] DeviceCredential Credential,
    [property: Id(3)] DeviceProtocol Protocol,
    [property: Id(4)] string ClientAddress,
    [property: Id(5)] int ReceiveMaximum);

/// <summary>The MQTT versions of devices. They differ in what a server may resend.</summary>
[GenerateSerializer, Alias("iot.device-protocol")]
public enum DeviceProtocol
{
    /// <summary>MQTT 3.1.1: an unacknowledged message may be sent again on the same connection.</summary>
    Mqtt311 = 4,

    /// <summary>MQTT 5.0: an unacknowledged message is sent again only on a new connection [MQTT-4.4.0-1].</summary>
    Mqtt500 = 5,
}

/// <summary>What a device showed at its login.</summary>
/// <param name="Kind">How it is to be judged.</param>
/// <param name="Secret">What it gave as its secret; empty for <see cref="CredentialKind.Anonymous"/>.</param>
[GenerateSerializer, Immutable, Alias("iot.device-credential")]
public sealed record DeviceCredential([property: Id(0)] CredentialKind Kind, [property: Id(1)] string Secret)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => Kind.ToString();
}

/// <summary>How a credential is judged.</summary>
[GenerateSerializer, Alias("iot.credential-kind")]
public enum CredentialKind
{
    /// <summary>The secret must be the device's own.</summary>
    Secret,

    /// <summary>Its product is open: an unknown device is registered, a known one let in, whatever the secret.</summary>
    OpenRegistration,

    /// <summary>The device is not registered and never will be.</summary>
    Anonymous,
}

/// <summary>Whether the device is connected now.</summary>
/// <param name="Outcome">Connected, or why not.</param>
/// <param name="HasWaiting">Something waits for the device: call <see cref="IDeviceGrain.OpenAsync"/> once it can be delivered.</param>
[GenerateSerializer, Immutable, Alias("iot.attach-reply")]
public sealed record AttachReply([property: Id(0)] AttachOutcome Outcome, [property: Id(1)] bool HasWaiting);

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
}
