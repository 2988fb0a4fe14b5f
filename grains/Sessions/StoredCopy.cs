namespace IotPlatform.Sessions;

/// <summary>A session's copy of a message, as it is stored.</summary>
/// <param name="Message">The message; shared by all sessions that it is for.</param>
/// <param name="QoS">1 or 2: as it is sent.</param>
/// <param name="IsRetain">The RETAIN flag that it is sent with.</param>
/// <param name="Identifiers">The identifiers of the subscriptions that it is for, as encoded properties.</param>
/// <param name="Share">The shared subscription that it is for; null for none.</param>
public sealed record StoredCopy(SessionMessage Message, int QoS, bool IsRetain, ReadOnlyMemory<byte> Identifiers, string? Share);
