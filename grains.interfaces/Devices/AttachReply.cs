using IotPlatform.Sessions;

namespace IotPlatform.Devices;

/// <summary>Whether the device is connected now.</summary>
/// <param name="Outcome">Connected, or why not.</param>
/// <param name="HasWaiting">Something waits for the device: call <see cref="IDeviceGrain.OpenAsync"/> once it can be delivered.</param>
/// <param name="Order">The place of the connection among the device's: a later one has a higher number. Named when the connection is attached again.</param>
/// <param name="Generation">Grows with every attach of the connection; named in every delivery (<see cref="Gateways.DeliverRequest"/>).</param>
/// <param name="Session">The session, where the client wished for one; null: it lasts as long as the connection.</param>
/// <param name="ServerSignature">What proves to the client that the server knows its secret (RFC 5802 section 3), where it has shown a <see cref="ScramProof"/>.</param>
/// <param name="Tags">The device's tags; null where there is nothing to say: to a new connection of a device that has none, and to an anonymous client.</param>
[GenerateSerializer, Immutable, Alias("iot.attach-reply")]
public sealed record AttachReply(
    [property: Id(0)] AttachOutcome Outcome,
    [property: Id(1)] bool HasWaiting,
    [property: Id(2)] long Order,
    [property: Id(3)] long Generation,
    [property: Id(4)] OpenedSession? Session,
    [property: Id(5)] ReadOnlyMemory<byte>? ServerSignature = null,
    [property: Id(6)] DeviceTags? Tags = null)
{
    /// <summary>The device is not connected.</summary>
    public static AttachReply Refused(AttachOutcome outcome) => new(outcome, HasWaiting: false, Order: 0, Generation: 0, Session: null);
}
