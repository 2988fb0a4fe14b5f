using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Sessions;

/// <summary>A device's connection asks for its session.</summary>
/// <param name="Session">The session, and the connection's place.</param>
/// <param name="Wish">What the client wishes.</param>
/// <param name="Attachment">The connection.</param>
/// <param name="Observer">Where its gateway takes what is pushed.</param>
/// <param name="ReceiveMaximum">Unacknowledged messages that the client takes at once.</param>
[GenerateSerializer, Immutable, Alias("iot.open-session")]
public sealed record OpenSession(
    [property: Id(0)] SessionName Session,
    [property: Id(1)] SessionWish Wish,
    [property: Id(2)] Attachment Attachment,
    [property: Id(3)] IGatewayObserver Observer,
    [property: Id(4)] int ReceiveMaximum);
