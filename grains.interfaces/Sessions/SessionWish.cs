namespace IotPlatform.Sessions;

/// <summary>What a client wishes of its session when it connects.</summary>
/// <param name="IsCleanStart">Whether an earlier session is to end ([MQTT-3.1.2-4]).</param>
/// <param name="Expiry">How long the session is to outlive this connection; zero: not at all.</param>
/// <param name="Bounds">What its gateway lets wait for it.</param>
/// <param name="Will">A will that has to wait; null for none.</param>
[GenerateSerializer, Immutable, Alias("iot.session-wish")]
public sealed record SessionWish(
    [property: Id(0)] bool IsCleanStart, [property: Id(1)] TimeSpan Expiry, [property: Id(2)] SessionBounds Bounds, [property: Id(3)] SessionWill? Will);
