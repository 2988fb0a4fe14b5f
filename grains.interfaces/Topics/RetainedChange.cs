namespace IotPlatform.Topics;

/// <summary>A change to what is retained for one topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Message">What is retained from here on; null: nothing.</param>
/// <param name="ClearsWhenRefused">
/// Whether a message that is refused still ends the one before it: where its publisher can not be told, nothing is better than a message that is
/// no longer true ([MQTT-3.3.1-7] of MQTT 3.1.1).
/// </param>
[GenerateSerializer, Immutable, Alias("iot.retained-change")]
public sealed record RetainedChange(
    [property: Id(0)] string Topic,
    [property: Id(1)] RetainedMessage? Message,
    [property: Id(2)] bool ClearsWhenRefused);
