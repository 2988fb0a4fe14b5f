namespace IotPlatform.Sessions;

/// <summary>One session's copy of a message.</summary>
/// <param name="Session">The session that it is for, and a connection of it: not one that began later.</param>
/// <param name="QoS">1 or 2: as it is to be sent.</param>
/// <param name="IsRetain">The RETAIN flag that it is to be sent with.</param>
/// <param name="Identifiers">The identifiers of the subscriptions that it is for, as encoded properties.</param>
/// <param name="Share">The shared subscription that it is for; null for none.</param>
[GenerateSerializer, Immutable, Alias("iot.session-copy")]
public sealed record SessionCopy(
    [property: Id(0)] SessionName Session,
    [property: Id(1)] int QoS,
    [property: Id(2)] bool IsRetain,
    [property: Id(3)] ReadOnlyMemory<byte> Identifiers,
    [property: Id(4)] string? Share);
