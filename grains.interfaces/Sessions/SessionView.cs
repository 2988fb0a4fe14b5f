using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Sessions;

/// <summary>A session as it is kept.</summary>
/// <param name="Device">Whose it is.</param>
/// <param name="IsConnected">Whether its client is connected.</param>
/// <param name="ExpiresAt">When it ends, if its client does not come back; null while that is connected.</param>
/// <param name="Subscriptions">What it is subscribed to.</param>
/// <param name="QueuedMessages">Messages that are not acknowledged.</param>
/// <param name="QueuedBytes">Their bytes.</param>
[GenerateSerializer, Immutable, Alias("iot.session-view")]
public sealed record SessionView(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] bool IsConnected,
    [property: Id(2)] DateTimeOffset? ExpiresAt,
    [property: Id(3)] ImmutableArray<SessionSubscription> Subscriptions,
    [property: Id(4)] int QueuedMessages,
    [property: Id(5)] long QueuedBytes);
