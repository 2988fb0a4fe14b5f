using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>A publish for sessions of a shard: for all that are subscribed, or for one.</summary>
/// <param name="Message">The message.</param>
/// <param name="From">Who published it, for those that want nothing of their own (No Local); null: the server.</param>
/// <param name="Shares">Shared subscriptions, as <c>$share/{name}/{filter}</c>, of which one session here is to get it.</param>
/// <param name="IsSharesOnly">It is for the shared subscriptions alone.</param>
/// <param name="ServedElsewhere">
/// Where the sending gateway does not know just now what this shard is interested in: the shared subscriptions that others serve; this one serves all others that
/// have members here. Null where it knows.
/// </param>
/// <param name="To">The one session that it is for; null: all that are subscribed.</param>
/// <param name="IsSticky">All messages of one topic are for the same session of a shared subscription, and they do not take turns.</param>
[GenerateSerializer, Immutable, Alias("iot.session-publish")]
public sealed record SessionPublish(
    [property: Id(0)] SessionMessage Message,
    [property: Id(1)] DeviceId? From,
    [property: Id(2)] ImmutableArray<string> Shares,
    [property: Id(3)] bool IsSharesOnly,
    [property: Id(4)] ImmutableArray<string>? ServedElsewhere,
    [property: Id(5)] SessionCopy? To,
    [property: Id(6)] bool IsSticky);
