using IotPlatform.Gateways;
using IotPlatform.Sessions;

namespace IotPlatform.Devices;

/// <summary>A device wants to be connected.</summary>
/// <param name="Attachment">The connection.</param>
/// <param name="Observer">Where the device's gateway takes deliveries for it.</param>
/// <param name="Credential">What the device showed to prove who it is.</param>
/// <param name="Protocol">The MQTT version it speaks.</param>
/// <param name="ClientAddress">Its address and port as its gateway sees them.</param>
/// <param name="ReceiveMaximum">Unacknowledged QoS 1 messages it takes at once (MQTT 5.0 section 3.1.2.11.3).</param>
/// <param name="Order">The place of the connection among the device's, as its first attach was answered; 0 for a new one.</param>
/// <param name="Generation">The last one that the gateway was told for this connection; 0 for a new one.</param>
/// <param name="Will">To be published should the gateway be lost.</param>
/// <param name="Session">What the client wishes of its session; null when the connection is attached again.</param>
[GenerateSerializer, Immutable, Alias("iot.attach-request")]
public sealed record AttachRequest(
    [property: Id(0)] Attachment Attachment,
    [property: Id(1)] IGatewayObserver Observer,
    [property: Id(2)] DeviceCredential Credential,
    [property: Id(3)] DeviceProtocol Protocol,
    [property: Id(4)] string ClientAddress,
    [property: Id(5)] int ReceiveMaximum,
    [property: Id(6)] long Order,
    [property: Id(7)] long Generation,
    [property: Id(8)] DeviceWill? Will,
    [property: Id(9)] SessionWish? Session);
