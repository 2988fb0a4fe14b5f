namespace IotPlatform.Mqtt.Packets;

/// <summary>One topic filter of a SUBSCRIBE and what is wanted of it.</summary>
/// <param name="Filter">The topic filter as the client sent it, <c>$share/{name}/</c> included.</param>
/// <param name="Options">The options.</param>
public readonly record struct TopicSubscription(string Filter, SubscriptionOptions Options);
