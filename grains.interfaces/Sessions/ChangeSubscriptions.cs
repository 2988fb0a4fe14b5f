using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>Changes what a session is subscribed to.</summary>
/// <param name="Session">The session, and the connection's place.</param>
/// <param name="Added">New subscriptions, or new options of old ones.</param>
/// <param name="Removed">Filters that it is no longer subscribed to.</param>
[GenerateSerializer, Immutable, Alias("iot.change-subscriptions")]
public sealed record ChangeSubscriptions(
    [property: Id(0)] SessionName Session, [property: Id(1)] ImmutableArray<SessionSubscription> Added, [property: Id(2)] ImmutableArray<string> Removed);
