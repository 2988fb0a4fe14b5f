namespace IotPlatform.StatusEvents;

/// <summary>Status events are to be pushed to a URL.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Url">Where to; http or https.</param>
/// <param name="Filter">Which events.</param>
/// <param name="Secret">The key of the signatures.</param>
/// <param name="CreatedAt">Since when.</param>
[GenerateSerializer, Immutable, Alias("iot.status-push")]
public sealed record StatusPush(
    [property: Id(0)] string Id,
    [property: Id(1)] string Url,
    [property: Id(2)] StatusEventFilter Filter,
    [property: Id(3)] string Secret,
    [property: Id(4)] DateTimeOffset CreatedAt);
