using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.Sessions;

namespace IotPlatform.Storage;

/// <summary>The lists of a session as they are stored: as JSON, which whoever looks into the database can read.</summary>
[JsonSerializable(typeof(ImmutableArray<SessionSubscription>))]
[JsonSerializable(typeof(ImmutableArray<ReceivedMessage>))]
[JsonSerializable(typeof(SessionWill))]
internal sealed partial class SessionJson : JsonSerializerContext
{
    public static string Of(ImmutableArray<SessionSubscription> subscriptions) =>
        subscriptions.IsEmpty ? "[]" : JsonSerializer.Serialize(subscriptions, Default.ImmutableArraySessionSubscription);

    public static string Of(ImmutableArray<ReceivedMessage> received) =>
        received.IsEmpty ? "[]" : JsonSerializer.Serialize(received, Default.ImmutableArrayReceivedMessage);

    public static string? Of(SessionWill? will) => will is null ? null : JsonSerializer.Serialize(will, Default.SessionWill);

    public static SessionWill? Will(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.SessionWill);

    public static ImmutableArray<SessionSubscription> Subscriptions(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize(json, Default.ImmutableArraySessionSubscription);

    public static ImmutableArray<ReceivedMessage> Received(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize(json, Default.ImmutableArrayReceivedMessage);
}
