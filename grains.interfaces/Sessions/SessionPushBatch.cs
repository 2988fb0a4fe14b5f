using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>Messages on their way from sessions to their clients.</summary>
/// <param name="Sessions">The sessions.</param>
[GenerateSerializer, Immutable, Alias("iot.session-push-batch")]
public sealed record SessionPushBatch([property: Id(0)] ImmutableArray<SessionPush> Sessions);
