using System.Collections.Immutable;

namespace IotPlatform.Sessions;

/// <summary>What became of an <see cref="OpenSession"/>.</summary>
/// <param name="IsSuperseded">A newer connection came first.</param>
/// <param name="IsPresent">An earlier session goes on ([MQTT-3.2.2-2]).</param>
/// <param name="IsKept">The session is kept here. Otherwise it lasts as long as its connection, and its gateway has all of it.</param>
/// <param name="Subscriptions">What an earlier session is subscribed to.</param>
/// <param name="Received">QoS 2 messages from the client that it has not released.</param>
[GenerateSerializer, Immutable, Alias("iot.opened-session")]
public sealed record OpenedSession(
    [property: Id(0)] bool IsSuperseded,
    [property: Id(1)] bool IsPresent,
    [property: Id(2)] bool IsKept,
    [property: Id(3)] ImmutableArray<SessionSubscription> Subscriptions,
    [property: Id(4)] ImmutableArray<ReceivedMessage> Received)
{
    /// <summary>A session that lasts as long as its connection.</summary>
    public static OpenedSession NotKept { get; } = new(IsSuperseded: false, IsPresent: false, IsKept: false, [], []);

    /// <summary>A newer connection came first.</summary>
    public static OpenedSession Superseded { get; } = new(IsSuperseded: true, IsPresent: false, IsKept: false, [], []);
}
