namespace IotPlatform.Mqtt.Packets;

/// <summary>
/// How one subscriber gets one message: by all of its subscriptions that match, together. [MQTT-3.3.4-2] It is sent once, at the highest QoS of them, and
/// [MQTT-3.3.4-4] with all of their identifiers.
/// </summary>
/// <param name="QoS">No higher than the message was published.</param>
/// <param name="RetainAsPublished">Whether the RETAIN flag is kept [MQTT-3.3.1-13].</param>
/// <param name="Identifiers">Subscription identifiers as encoded properties; empty for none.</param>
public readonly record struct MessageGrant(QoS QoS, bool RetainAsPublished = false, ReadOnlyMemory<byte> Identifiers = default)
{
    /// <summary>By one subscription.</summary>
    public static MessageGrant Of(in SubscriptionTerms terms, QoS publishedQoS) =>
        new(terms.Options.QoS < publishedQoS ? terms.Options.QoS : publishedQoS, terms.Options.RetainAsPublished, terms.Identifier);

    /// <summary>By one more subscription.</summary>
    public MessageGrant And(in MessageGrant other) => new(
        QoS > other.QoS ? QoS : other.QoS, RetainAsPublished || other.RetainAsPublished, Both(Identifiers, other.Identifiers));

    private static ReadOnlyMemory<byte> Both(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b) =>
        a.IsEmpty ? b : b.IsEmpty ? a : (byte[])[.. a.Span, .. b.Span];
}
