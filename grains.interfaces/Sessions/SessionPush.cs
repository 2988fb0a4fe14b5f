using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>One session's messages, in their order.</summary>
/// <param name="ConnectionId">The connection that they are for.</param>
/// <param name="Order">Its place among the device's.</param>
/// <param name="Messages">The messages.</param>
[GenerateSerializer, Immutable, Alias("iot.session-push")]
public sealed record SessionPush(
    [property: Id(0)] long ConnectionId, [property: Id(1)] long Order, [property: Id(2)] ImmutableArray<PushedMessage> Messages);
