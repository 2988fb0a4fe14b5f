using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Sessions;

namespace IotPlatform.Storage;

/// <summary>A session as it is stored, without its messages.</summary>
/// <param name="Device">Whose it is.</param>
/// <param name="Expiry">How long it outlives its connection.</param>
/// <param name="Bounds">What may wait for it.</param>
/// <param name="OfflineSince">Since when it has had no connection; null: it had one when this was stored.</param>
/// <param name="Subscriptions">What it is subscribed to.</param>
/// <param name="Received">QoS 2 messages from its client that are not released.</param>
/// <param name="Will">A will that waits, or will have to when its connection is lost; null for none.</param>
/// <param name="WillDueAt">When it is published; null while its client is connected.</param>
public sealed record SessionRecord(
    DeviceId Device,
    TimeSpan Expiry,
    SessionBounds Bounds,
    DateTimeOffset? OfflineSince,
    ImmutableArray<SessionSubscription> Subscriptions,
    ImmutableArray<ReceivedMessage> Received,
    SessionWill? Will,
    DateTimeOffset? WillDueAt);
