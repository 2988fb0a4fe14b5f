using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>What became of a <see cref="SessionPushBatch"/>.</summary>
/// <param name="Taken">Of each session, whether the connection is there, and has its messages.</param>
[GenerateSerializer, Immutable, Alias("iot.session-push-reply")]
public sealed record SessionPushReply([property: Id(0)] ImmutableArray<bool> Taken);
