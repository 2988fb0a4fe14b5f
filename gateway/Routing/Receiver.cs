using IotPlatform.Delivery;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;

namespace IotPlatform.Routing;

/// <summary>A session of this gateway that is to get a publish.</summary>
/// <param name="Session">The session.</param>
/// <param name="Grant">How it gets it.</param>
/// <param name="Share">The shared subscription whose turn it takes; null for its own subscriptions.</param>
internal readonly record struct Receiver(Session Session, MessageGrant Grant, string? Share)
{
    /// <summary>Its copy of a publish.</summary>
    /// <param name="isRetain">The RETAIN flag, as published.</param>
    public MessageCopy ToCopy(bool isRetain) => new(Grant.QoS, isRetain && Grant.RetainAsPublished, Grant.Identifiers, Share);
}
