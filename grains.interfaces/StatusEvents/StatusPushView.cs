namespace IotPlatform.StatusEvents;

/// <summary>How a push fares.</summary>
/// <param name="Push">What it is.</param>
/// <param name="ParkedAt">When it was given up, because its URL took nothing for too long; null: it is not.</param>
/// <param name="Waiting">Events that were read and that the URL has not taken yet.</param>
/// <param name="LastFailure">What went wrong last; null since the URL has taken something again.</param>
/// <param name="LastFailedAt">When.</param>
[GenerateSerializer, Immutable, Alias("iot.status-push-view")]
public sealed record StatusPushView(
    [property: Id(0)] StatusPush Push,
    [property: Id(1)] DateTimeOffset? ParkedAt,
    [property: Id(2)] int Waiting,
    [property: Id(3)] string? LastFailure,
    [property: Id(4)] DateTimeOffset? LastFailedAt);
