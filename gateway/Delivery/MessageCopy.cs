using IotPlatform.Mqtt;

namespace IotPlatform.Delivery;

/// <summary>How one session gets a message.</summary>
/// <param name="QoS">As it is sent.</param>
/// <param name="Retain">The RETAIN flag that it is sent with.</param>
/// <param name="Identifiers">The identifiers of the subscriptions that it is for, as encoded properties.</param>
/// <param name="Share">The shared subscription that it is for; null for none.</param>
/// <param name="Sequence">Its place in a session that is kept; 0: it is not kept.</param>
internal readonly record struct MessageCopy(
    QoS QoS, bool Retain = false, ReadOnlyMemory<byte> Identifiers = default, string? Share = null, long Sequence = 0);
