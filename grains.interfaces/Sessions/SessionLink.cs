using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Sessions;

/// <summary>One connection of a session.</summary>
/// <param name="Session">The session, and the connection's place.</param>
/// <param name="Attachment">The connection.</param>
/// <param name="Observer">Where its gateway takes what is pushed.</param>
/// <param name="ReceiveMaximum">Unacknowledged messages that the client takes at once.</param>
/// <param name="Expiry">How long the session is to outlive the connection.</param>
[GenerateSerializer, Immutable, Alias("iot.session-link")]
public sealed record SessionLink(
    [property: Id(0)] SessionName Session,
    [property: Id(1)] Attachment Attachment,
    [property: Id(2)] IGatewayObserver Observer,
    [property: Id(3)] int ReceiveMaximum,
    [property: Id(4)] TimeSpan Expiry);
