using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>What became of a <see cref="LinkSessions"/>.</summary>
/// <param name="Lost">Of the connections, in their order, which have no session any more, or a newer connection: they are to be closed.</param>
[GenerateSerializer, Immutable, Alias("iot.linked-sessions")]
public sealed record LinkedSessions([property: Id(0)] ImmutableArray<bool> Lost);
