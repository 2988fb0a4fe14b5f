using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>What became of a <see cref="SessionPublishBatch"/>.</summary>
/// <param name="Outcomes">Of each publish.</param>
[GenerateSerializer, Immutable, Alias("iot.session-publish-reply")]
public sealed record SessionPublishReply([property: Id(0)] ImmutableArray<SessionPublishOutcome> Outcomes);
