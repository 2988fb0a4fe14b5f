using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>A gateway names its connections whose sessions are kept in a shard.</summary>
/// <param name="Sessions">The connections.</param>
[GenerateSerializer, Immutable, Alias("iot.link-sessions")]
public sealed record LinkSessions([property: Id(0)] ImmutableArray<SessionLink> Sessions);
