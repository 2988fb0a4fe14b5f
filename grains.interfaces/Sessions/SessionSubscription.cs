namespace IotPlatform.Sessions;

/// <summary>One subscription of a session.</summary>
/// <param name="Filter">The topic filter; a shared one with its <c>$share/{name}/</c>.</param>
/// <param name="Options">The options byte as in SUBSCRIBE (MQTT 5.0 section 3.8.3.1).</param>
/// <param name="Identifier">The subscription identifier, 1 to 268,435,455; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("iot.session-subscription")]
public sealed record SessionSubscription([property: Id(0)] string Filter, [property: Id(1)] int Options, [property: Id(2)] long Identifier);
