using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>Steps of sessions, in their order.</summary>
/// <param name="Steps">The steps.</param>
[GenerateSerializer, Immutable, Alias("iot.session-step-batch")]
public sealed record SessionStepBatch([property: Id(0)] ImmutableArray<SessionStep> Steps);
