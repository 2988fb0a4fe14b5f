namespace IotPlatform.Sessions;

/// <summary>A session's connection has ended.</summary>
/// <param name="Session">The session, and the connection's place.</param>
/// <param name="Expiry">How long the session waits from now on; zero: it ends.</param>
/// <param name="DiscardsWill">The client has said goodbye: its will is not published [MQTT-3.14.4-3].</param>
[GenerateSerializer, Immutable, Alias("iot.close-session")]
public sealed record CloseSession([property: Id(0)] SessionName Session, [property: Id(1)] TimeSpan Expiry, [property: Id(2)] bool DiscardsWill);
